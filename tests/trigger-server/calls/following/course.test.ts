/** What a followed call shares with every other one: attempts, a dial without a reply, and several servers. */
import { following, Following } from '../../../../trigger-server/src/calls/following/following';
import { readRun, startCall } from '../../../support/calls';
import { fetchDueRecordings } from '../../../support/fetch-recordings';
import {
  agentAtDograh,
  endedRun,
  followByHand,
  startPlayedDograh,
  type PlayedDograh,
} from '../../../support/followed-calls';
import type { TestAgent } from '../../../support/agents';
import { configurationsPath } from '../../../support/telephony';
import type { ReceivedRequest } from '../../../support/local-server';
import {
  startTestServer,
  usualSecretsKey,
  type Account,
  type TestServer,
} from '../../../support/test-server';

const phoneNumber = '+14155550100';

let dograh: PlayedDograh;
let server: TestServer;
let account: Account;
let agent: TestAgent;
let pass: (seconds: number) => Promise<void>;

beforeEach(async () => {
  dograh = await startPlayedDograh();
  server = await startTestServer({ ALLOWED_PRIVATE_TARGETS: '127.0.0.1' });
  account = await server.signUp();
  agent = await agentAtDograh(server, account, dograh);
  pass = followByHand(server);
});
afterEach(async () => {
  await server.close();
  await dograh.close();
});

function change(id: number, fields: object): void {
  dograh.runs.set(id, { ...dograh.runs.get(id), ...fields, id });
}

test('a call that was busy is placed again, and each attempt follows its own run at Dograh', async () => {
  const retry = { max_attempts: 2, on: ['busy'], after: ['PT1M'] };
  const runId = await startCall(server, account, agent, { phone_number: phoneNumber, retry });
  change(501, { is_completed: true, gathered_context: { call_disposition: 'busy' } });
  await pass(3);
  expect(await readRun(server, account, runId)).toMatchObject({ status: 'queued', attempt: 2 });
  await pass(65);
  await server.dispatcher.placeDue();
  // Jest's time limit ends the test of a call that is not placed.
  while (!dograh.runs.has(502)) await pass(1);
  change(502, endedRun);
  while (!(await readRun(server, account, runId)).is_completed) await pass(1);
  expect(dograh.dials()).toHaveLength(2);
  expect(await readRun(server, account, runId)).toMatchObject({
    status: 'completed',
    gathered_context: { call_id: '502', day: 'Monday' },
    attempts: [
      { number: 1, call_id: '501', status: 'busy' },
      { number: 2, call_id: '502', status: 'completed' },
    ],
  });
});

/** Starts a call whose dial gets no reply, and which the list does not show yet. */
async function startWithoutReply(id: number): Promise<{ runId: number; showList: () => void }> {
  let isListReadable = false;
  dograh.fault = (request: ReceivedRequest) => {
    if (request.method === 'POST') {
      const { initial_context } = JSON.parse(request.body.toString('utf8')) as { initial_context: object };
      dograh.runs.set(id, { id, is_completed: false, initial_context, gathered_context: {} });
      return 'cut';
    }
    return !isListReadable && request.url.includes('/usage/runs') ? { status: 500, body: '' } : undefined;
  };
  const reply = await server.request
    .post(`/api/v1/public/agent/${agent.triggerPath}`)
    .set('X-API-Key', account.apiKey)
    .send({ phone_number: phoneNumber })
    .expect(504);
  const runId = Number(/\d+$/.exec(reply.get('Location') ?? '')?.[0]);
  return { runId, showList: () => (isListReadable = true) };
}

test('the call of a dial without a reply is found by its mark once the list can be read, and ends truly', async () => {
  const { runId, showList } = await startWithoutReply(501);
  await pass(40);
  expect((await readRun(server, account, runId)).gathered_context).not.toHaveProperty('call_id');
  showList();
  await pass(25);
  change(501, endedRun);
  await pass(10);
  expect(await readRun(server, account, runId)).toMatchObject({
    status: 'completed',
    gathered_context: { call_id: '501', day: 'Monday' },
  });
  expect(dograh.dials()).toHaveLength(1);
});

test('a call of another Dograh with the same id does not hide the call of a dial without a reply', async () => {
  const elsewhere = await startPlayedDograh();
  try {
    const other = await server.signUp();
    const otherAgent = await agentAtDograh(server, other, elsewhere);
    const otherRun = await startCall(server, other, otherAgent, { phone_number: phoneNumber });
    elsewhere.runs.set(501, { ...elsewhere.runs.get(501), ...endedRun, id: 501 });
    await pass(3);
    expect((await readRun(server, other, otherRun)).gathered_context).toMatchObject({ call_id: '501' });
    const { runId, showList } = await startWithoutReply(501);
    showList();
    await pass(65);
    expect((await readRun(server, account, runId)).gathered_context).toMatchObject({ call_id: '501' });
  } finally {
    await elsewhere.close();
  }
});

test('another call to the same number does not hide the call of a dial without a reply', async () => {
  await startCall(server, account, agent, { phone_number: phoneNumber });
  const { runId, showList } = await startWithoutReply(502);
  showList();
  await pass(65);
  expect((await readRun(server, account, runId)).gathered_context).toMatchObject({ call_id: '502' });
});

test('a dial that Dograh’s carrier did not answer never ends as failed: the phone may have rung', async () => {
  dograh.fault = (request: ReceivedRequest) => {
    if (request.method !== 'POST') return undefined;
    const { initial_context } = JSON.parse(request.body.toString('utf8')) as { initial_context: object };
    const detail = 'Failed to initiate call: ';
    const gathered_context = {
      error: detail,
      call_disposition: 'error',
      mapped_call_disposition: 'error',
    };
    dograh.runs.set(501, { id: 501, is_completed: true, initial_context, gathered_context });
    return { status: 400, body: { detail } };
  };
  const runId = await startCall(server, account, agent, { phone_number: phoneNumber });
  await pass(3);
  expect(await readRun(server, account, runId)).toMatchObject({
    status: 'error',
    reason: 'no_report',
    gathered_context: { error: expect.stringContaining('The phone may have rung') as unknown },
  });
});

describe('where another Dograh has other calls of the same ids', () => {
  let elsewhere: PlayedDograh;
  let runId: number;
  beforeEach(async () => {
    elsewhere = await startPlayedDograh();
    const other = await server.signUp();
    const otherAgent = await agentAtDograh(server, other, elsewhere);
    await startCall(server, other, otherAgent, { phone_number: '+14155550177' });
    elsewhere.runs.set(501, { ...elsewhere.runs.get(501), ...endedRun, id: 501 });
    runId = await startCall(server, account, agent, { phone_number: phoneNumber });
  });
  afterEach(() => elsewhere.close());

  test('nothing is copied of another call with the same id, after Dograh was set up anew', async () => {
    dograh.runs.set(501, { ...elsewhere.runs.get(501), id: 501 });
    await pass(3);
    const run = await readRun(server, account, runId);
    expect(run).toMatchObject({
      status: 'error',
      reason: 'no_report',
      transcript_url: null,
      gathered_context: { error: expect.stringContaining('Run 501 of Dograh is another call') as unknown },
    });
    expect(run.gathered_context).not.toHaveProperty('day');
  });

  test('its recording is not copied either, after the address of the account was changed', async () => {
    change(501, endedRun);
    await pass(3);
    await moveAccount(elsewhere, 200);
    await fetchDueRecordings(server.services);
    expect(await readRun(server, account, runId)).toMatchObject({ status: 'completed', recording_url: null });
  });

  test('while a call is open, an address that leads to another Dograh is refused, and the call ends truly', async () => {
    expect(await moveAccount(elsewhere, 409)).toContain('Dograh does not have them under the new settings');
    change(501, endedRun);
    await pass(3);
    expect(await readRun(server, account, runId)).toMatchObject({ status: 'completed', reason: null });
  });

  test('while a call is open, a key of another organization of that Dograh is refused', async () => {
    dograh.fault = ({ headers }) =>
      headers['x-api-key'] === otherKey
        ? { status: 404, body: { detail: 'Workflow run not found' } }
        : undefined;
    expect(await moveAccount({ url: dograh.url, key: otherKey }, 409)).toContain('A call of this telephony');
  });

  test('while a call is open, another address of the same Dograh is taken, and the call goes on there', async () => {
    const sameDograh = dograh.url.replace('127.0.0.1', 'localhost');
    await moveAccount({ url: sameDograh, key: dograh.key }, 200);
    change(501, endedRun);
    await pass(3);
    expect(await readRun(server, account, runId)).toMatchObject({ status: 'completed', reason: null });
  });

  test('while a call is open, an address that does not answer is refused', async () => {
    await elsewhere.close();
    expect(await moveAccount(elsewhere, 409)).toContain('could not be asked');
  });
});

const otherKey = `dgr_${'o'.repeat(43)}`;

/** Changes the address and the key of the account. @returns the words of a refusal. */
async function moveAccount({ url, key }: { url: string; key: string }, status: number): Promise<string> {
  const list = await server.request.get(configurationsPath).set('X-API-Key', account.apiKey).expect(200);
  const [{ id } = { id: 0 }] = (list.body as { configurations: { id: number }[] }).configurations;
  const reply = await server.request
    .put(`${configurationsPath}/${String(id)}`)
    .set('X-API-Key', account.apiKey)
    .send({ config: { provider: 'dograh', base_url: url, api_key: key } })
    .expect(status);
  return String((reply.body as { detail?: string }).detail);
}

test('while the settings of an account cannot be decrypted, its calls stay open, and the log says so once', async () => {
  const runId = await startCall(server, account, agent, { phone_number: phoneNumber });
  server.changeSecretsKey('6f'.repeat(32));
  change(501, endedRun);
  await pass(40);
  expect((await readRun(server, account, runId)).is_completed).toBe(false);
  expect(server.logLines.filter((line) => line.includes('cannot be followed'))).toHaveLength(1);
  const list = await server.request.get(configurationsPath).set('X-API-Key', account.apiKey).expect(200);
  expect((list.body as { configurations: object[] }).configurations).toMatchObject([
    {
      is_ready_for_outbound: false,
      outbound_blocked_reason: expect.stringContaining(
        'cannot be read. Start the server with the SECRETS_KEY',
      ) as unknown,
    },
  ]);
  server.changeSecretsKey(usualSecretsKey);
  await pass(40);
  expect((await readRun(server, account, runId)).status).toBe('completed');
});

test('of two servers one reads the calls of an account, and the other one goes on when it stops', async () => {
  const process = (id: string) => new Following({ ...server.services, thisProcess: { id, isAlone: false } });
  const [one, other] = [process('one'), process('other')];
  const both = async (seconds: number, ...running: Following[]) => {
    for (let half = 0; half < seconds * 2; half += 1) {
      await server.advance(500);
      for (const following of running) {
        await following.begin();
        await following.settled();
      }
    }
  };
  const runId = await startCall(server, account, agent, { phone_number: phoneNumber });
  await both(20, one, other);
  expect(dograh.reads()).toHaveLength(10);
  await one.stop();
  change(501, endedRun);
  await both(3, other);
  expect((await readRun(server, account, runId)).status).toBe('completed');
});

test('a server that has ended without a stop is followed by another one within ten seconds', async () => {
  const gone = new Following({ ...server.services, thisProcess: { id: 'gone', isAlone: false } });
  const other = new Following({ ...server.services, thisProcess: { id: 'other', isAlone: false } });
  const runId = await startCall(server, account, agent, { phone_number: phoneNumber });
  await server.advance(2000);
  await gone.begin();
  await gone.settled();
  change(501, endedRun);
  for (let half = 0; half < 22; half += 1) {
    await server.advance(500);
    await other.begin();
    await other.settled();
  }
  expect((await readRun(server, account, runId)).status).toBe('completed');
});

test('without an open call the database is asked once in five seconds, and a dial is followed at once', async () => {
  const other = await server.signUp();
  await agentAtDograh(server, other, dograh);
  const worker = await following(server.services).start();
  let queries = 0;
  server.storage.tap({ beforeQuery: () => (queries += 1) });
  await server.advance(20_000);
  expect(queries).toBeGreaterThan(0);
  expect(queries).toBeLessThanOrEqual(5);
  server.storage.untap();
  await startCall(server, account, agent, { phone_number: phoneNumber });
  await server.advance(2500);
  await worker.stop();
  expect(dograh.reads()).toHaveLength(1);
});
