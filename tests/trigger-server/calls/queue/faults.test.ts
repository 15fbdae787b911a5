/** What goes wrong with one call, one account or one write holds up no other call, and places none twice. */
import { findCallLimits } from '../../../../trigger-server/src/accounts/organizations';
import { replyJson, startLocalServer, type LocalServer } from '../../../support/local-server';
import { addTwilio, alterConfiguration } from '../../../support/telephony';
import { hour, minute, QueuedCalls } from '../../../support/queued-calls';

let calls: QueuedCalls;

beforeEach(async () => {
  calls = await QueuedCalls.start();
});
afterEach(() => calls.close());

const dueAt = '2026-11-23T13:00:00Z';

async function changePlan(runId: number, request: string): Promise<void> {
  await calls.server.services.storage.write((session) =>
    session.run(
      session.builder.updateTable('call_plans').set({ request }).where('run_id', '=', runId).compile(),
    ),
  );
}

async function planOf(runId: number): Promise<string> {
  const { read } = calls.server.services.storage;
  const row = await read.first(
    read.builder.selectFrom('call_plans').select('request').where('run_id', '=', runId).compile(),
  );
  return row?.request ?? '';
}

test('a call that cannot be read delays neither its own lane nor another organization, and is placed once it can be read', async () => {
  const broken = await calls.queued({ not_before: dueAt });
  const request = await planOf(broken);
  const behind = await calls.queued({ not_before: dueAt });
  const others = await QueuedCalls.on(calls.server);
  const other = await others.queued({ not_before: dueAt });
  await changePlan(broken, '{');
  await calls.server.advance(hour + 10_000);
  expect(await calls.statusOf(broken)).toBe('queued');
  expect([await calls.statusOf(behind), await others.statusOf(other)]).toEqual(['completed', 'completed']);
  expect(calls.server.logLines.join('')).toContain('a queued call could not be prepared');
  await changePlan(broken, request);
  await calls.server.advance(2 * minute);
  expect(await calls.statusOf(broken)).toBe('completed');
});

test('calls whose account cannot be opened with this SECRETS_KEY wait, and are placed when the right one is back', async () => {
  const ids = [await calls.queued({ not_before: dueAt }), await calls.queued({ not_before: dueAt })];
  calls.server.changeSecretsKey('ab'.repeat(32));
  await calls.server.advance(hour + 1000);
  expect(await calls.read(ids[0]!)).toMatchObject({ status: 'queued', waiting_for: 'carrier' });
  calls.server.changeSecretsKey('5e'.repeat(32));
  await calls.server.advance(5 * minute);
  expect(await Promise.all(ids.map((id) => calls.statusOf(id)))).toEqual(['completed', 'completed']);
});

test('a call whose account does not exist any more ends, and says why', async () => {
  const runId = await calls.queued({ not_before: dueAt, telephony_configuration_id: calls.configurationId });
  await alterConfiguration(calls.server, calls.configurationId, { inactive_since: '2026-11-23T12:00:00Z' });
  await calls.server.advance(2 * hour);
  expect(await calls.read(runId)).toMatchObject({
    status: 'failed',
    reason: 'refused_at_dial',
    dial_detail: expect.stringContaining('not found') as string,
  });
});

describe('the outcome of a dial is written twice, because the reply to the first write was lost', () => {
  let carrier: LocalServer;
  let dials: number;
  let refusals: number;

  beforeEach(async () => {
    await calls.close();
    dials = 0;
    carrier = await startLocalServer(({ url }, response) => {
      if (!url.endsWith('/Calls.json')) {
        replyJson(response, 503, {});
        return;
      }
      dials += 1;
      if (dials <= refusals) replyJson(response, 429, { code: 20429 }, { 'Retry-After': '1' });
      else replyJson(response, 201, { sid: `CA${String(dials)}` });
    });
    calls = await QueuedCalls.start({
      TWILIO_API_BASE_URL: carrier.url,
      PUBLIC_BASE_URL: 'https://calls.example.com',
    });
    await addTwilio(calls.server, calls.account, {
      name: 'T',
      is_default_outbound: true,
      number: '+14155550123',
    });
  });
  afterEach(() => carrier.close());

  /** The write of the outcome of the first dial is committed, and its reply is lost. */
  function loseReply(): void {
    const { storage } = calls.server.services;
    const write = storage.write.bind(storage);
    let hasLost = false;
    jest.spyOn(storage, 'write').mockImplementation(async (body) => {
      const result = await write(body);
      if (!hasLost && dials === 1) {
        hasLost = true;
        throw new Error('the connection broke');
      }
      return result;
    });
  }

  async function slotsTaken(): Promise<number> {
    return (await findCallLimits(calls.server.services.storage.read, calls.account.organizationId)).openRuns;
  }

  test('a call that nobody was called for stays queued, keeps its slot free, and is dialled once more', async () => {
    refusals = 1;
    loseReply();
    const runId = await calls.queued({ not_before: dueAt });
    await calls.server.advance(hour + 100);
    expect([dials, await slotsTaken(), await calls.statusOf(runId)]).toEqual([1, 0, 'queued']);
    // The second write comes after a second, when the call is queued, and due again.
    await calls.server.advance(minute);
    await calls.server.dispatcher.placeDue();
    await calls.server.advance(0);
    expect([dials, await slotsTaken(), await calls.statusOf(runId)]).toEqual([2, 1, 'initiated']);
  });

  test('a dial whose phone may ring is not repeated', async () => {
    refusals = 0;
    loseReply();
    const runId = await calls.queued({ not_before: dueAt });
    await calls.server.advance(hour + minute);
    expect([dials, await slotsTaken(), await calls.statusOf(runId)]).toEqual([1, 1, 'initiated']);
  });
});
