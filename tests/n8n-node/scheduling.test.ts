/** The options Schedule and Reference, with the real server: a queued call, and how its waiting ends. */
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { Dograh } from '../../n8n-node/nodes/Dograh/Dograh.node';
import { readyToCall } from '../support/agents';
import { byKeyOf, entryPath } from '../support/do-not-call';
import { standInAgentUuid, startStandIn } from '../support/dograh-stand-in';
import { n8nContext } from '../support/n8n-context';
import { startTestServer, type Account, type TestServer } from '../support/test-server';

/** What happens while the node sleeps. */
let mockWhileAsleep: (milliseconds: number) => Promise<void>;
jest.mock('n8n-workflow', () => ({
  ...jest.requireActual<object>('n8n-workflow'),
  sleep: (milliseconds: number) => mockWhileAsleep(milliseconds),
}));

let server: TestServer;
let account: Account;
let agent: INodeParameters;

async function start(environment: Record<string, string> = {}): Promise<void> {
  server = await startTestServer(environment);
  const ready = await readyToCall(server);
  account = ready.account;
  agent = { __rl: true, mode: 'list', value: ready.agent.uuid };
}

// The clock of the tests begins on Monday, 23 November 2026, at 12:00 UTC: 13:00 in the workflow's zone, Vienna.
beforeEach(async () => {
  await start();
  jest.spyOn(Date, 'now').mockImplementation(() => server.clock.now().getTime());
  mockWhileAsleep = (milliseconds) => server.advance(milliseconds);
});

afterEach(async () => {
  jest.restoreAllMocks();
  await server.close();
});

async function execute(parameters: INodeParameters): Promise<IDataObject> {
  const { baseUrl } = server;
  const context = n8nContext({ baseUrl, apiKey: account.apiKey, parameters: { agent, ...parameters } });
  const [items] = await new Dograh().execute.call(context);
  return items?.[0]?.json ?? {};
}

function call(operation: string, options: object, phoneNumber = '+14155550100'): Promise<IDataObject> {
  return execute({ operation, phoneNumber, options: options as INodeParameters });
}

const runIdOf = ({ run_id: runId }: IDataObject) => String(Number(runId));

const inAnHour = { schedule: { when: { notBefore: '2026-11-23T14:00:00' } } };

test('a call with Not Before is queued, and Get says what it waits for and until when', async () => {
  const placed = await call('place', { ...inAnHour, reference: 'order-7823' });
  expect(placed).toMatchObject({ status: 'queued', already_placed: false });
  expect(await execute({ operation: 'get', runId: runIdOf(placed) })).toMatchObject({
    status: 'queued',
    waiting_for: 'time',
    due_at: '2026-11-23T13:00:00.000Z',
    reference: 'order-7823',
    explanation: null,
  });
});

test('with Schedule and no time the call is placed at once', async () => {
  expect(await call('place', { schedule: { when: {} } })).toMatchObject({ status: 'initiated' });
});

test('Place and Wait follows a queued call to its end', async () => {
  const options = { ...inAnHour, maxWaitSeconds: 7200, pollIntervalSeconds: 600 };
  expect(await call('placeAndWait', options)).toMatchObject({ status: 'completed', explanation: null });
  expect(server.clock.now().getTime()).toBeGreaterThan(Date.parse('2026-11-23T13:00:00Z'));
});

test('a call that expires is a result that says so', async () => {
  await server.close();
  await start({ DEFAULT_ORG_CONCURRENCY_LIMIT: '1' });
  // The sandbox lets this number ring for long, so that it keeps the only slot.
  await call('place', {}, '+15005550016');
  const schedule = { when: { notAfter: '2026-11-23T13:00:05' } };
  expect(await call('placeAndWait', { schedule })).toMatchObject({
    status: 'expired',
    reason: 'expired',
    explanation: 'The call was not placed in its time.',
  });
});

test('a queued call whose number comes onto the do-not-call list is a result that says so', async () => {
  let isAsleep = false;
  mockWhileAsleep = async (milliseconds) => {
    if (!isAsleep)
      await server.request.put(entryPath('+14155550100')).set(byKeyOf(account)).send({}).expect(200);
    isAsleep = true;
    await server.advance(milliseconds);
  };
  expect(await call('placeAndWait', { ...inAnHour, maxWaitSeconds: 7200 })).toMatchObject({
    status: 'canceled',
    reason: 'do_not_call',
    explanation: 'The number must not be called.',
  });
});

test('a queued call that was canceled is a result that says so', async () => {
  const placed = await call('place', inAnHour);
  const runId = runIdOf(placed);
  expect(await execute({ operation: 'cancel', runId })).toMatchObject({ canceled: true });
  expect(await execute({ operation: 'waitForCompletion', runId })).toMatchObject({
    status: 'canceled',
    explanation: 'The call was canceled.',
  });
});

test('when Max Wait is over the message says what the call still waits for', async () => {
  const placed = await call('place', inAnHour);
  const waited = execute({
    operation: 'waitForCompletion',
    runId: runIdOf(placed),
    options: { maxWaitSeconds: 10 },
  });
  await expect(waited).rejects.toThrow(
    'did not end within 10 seconds. The call waits for its time and is due at 2026-11-23T13:00:00.000Z: read the run later.',
  );
});

test('Place and Wait refuses a call that would begin after Max Wait, and nothing is sent', async () => {
  const refused = call('placeAndWait', { ...inAnHour, maxWaitSeconds: 1800 });
  await expect(refused).rejects.toThrow(/^Not Before: the call would begin after Max Wait is over/);
  expect(await execute({ operation: 'getAll' })).toEqual({});
});

test('or queues it, where the option returns the call as it is', async () => {
  const options = { ...inAnHour, maxWaitSeconds: 10, whenMaxWaitIsOver: 'return' };
  expect(await call('placeAndWait', options)).toMatchObject({ status: 'queued', waiting_for: 'time' });
});

test.each([
  ['Not Before', { schedule: { when: { notBefore: 'tomorrow' } } }, /^Not Before: enter a date and time/],
  ['When Busy', { schedule: { when: { whenBusy: 'later' } } }, /^When Busy: choose one from the list/],
  ['Time Zone', { schedule: { when: { timeZone: 'Vienna' } } }, /^Time Zone: Name a time zone of the IANA/],
  ['Not After', { schedule: { when: { notAfter: '2026-11-23T12:00:00' } } }, /^Not After: This instant has/],
])('an invalid %s is refused in words', async (_field, options, words) => {
  await expect(call('place', options)).rejects.toThrow(words);
});

test.each([
  ['Not Before, When Busy, Outside Hours', inAnHour],
  ['When Busy, Outside Hours, Time Zone', { schedule: { when: { timeZone: 'Europe/Vienna' } } }],
  ['Reference', { reference: 'order-7823' }],
])('on plain Dograh %s is refused before anything is sent', async (labels, options) => {
  const plain = await startStandIn();
  try {
    const parameters = {
      operation: 'place',
      agent: { __rl: true, mode: 'list', value: standInAgentUuid },
      phoneNumber: '+14155550100',
      options: options as INodeParameters,
    };
    const context = n8nContext({ baseUrl: plain.url, apiKey: 'dgr_plain', parameters });
    await expect(new Dograh().execute.call(context)).rejects.toThrow(
      `This server does not know ${labels}, and would call at once without regard to it, so nothing was sent.`,
    );
    expect(plain.dials()).toEqual([]);
  } finally {
    await plain.close();
  }
});
