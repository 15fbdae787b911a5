/** Failed deliveries are retried for about a day, with the same content each time. */
import { readyToCall, type TestAgent } from '../../support/agents';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import {
  completeCall,
  deliverDue,
  listDeliveries,
  readDelivery,
  startReceiver,
  type Receiver,
} from '../../support/webhooks';

const hour = 3_600_000;
/** The port of a receiver that stops and starts again, reserved so that no other program takes it meanwhile. */
const comesBack = '127.77.0.1';

let server: TestServer;
let receiver: Receiver;
let account: Account;
let agent: TestAgent;

beforeAll(async () => {
  server = await startTestServer({ ALLOWED_PRIVATE_TARGETS: `127.0.0.1,${comesBack}` });
});
beforeEach(async () => {
  receiver = await startReceiver();
  ({ account, agent } = await readyToCall(server));
});
afterEach(() => receiver.close());
afterAll(() => server.close());

async function onlyDelivery() {
  const [delivery, ...others] = await listDeliveries(server, account);
  expect(others).toEqual([]);
  return delivery!;
}

/** Moves the clock to the next attempt, and makes it. @returns the pause in milliseconds. */
async function toNextAttempt(): Promise<number> {
  const { next_attempt_at: next } = await onlyDelivery();
  const pause = Date.parse(next ?? '') - server.clock.now().getTime();
  await server.advance(pause);
  await deliverDue(server);
  return pause;
}

test('pauses double from 15 seconds to 2 hours, a quarter more or less, for about a day in all', async () => {
  receiver.status = 503;
  await completeCall(server, account, agent, { callback_url: receiver.url });
  await deliverDue(server);
  const pauses: number[] = [];
  while ((await onlyDelivery()).status === 'pending') pauses.push(await toNextAttempt());
  expect(pauses).toHaveLength(20);
  pauses.forEach((pause, index) => {
    const middle = Math.min(15_000 * 2 ** index, 2 * hour);
    expect(pause).toBeGreaterThanOrEqual(0.75 * middle);
    expect(pause).toBeLessThanOrEqual(1.25 * middle);
  });
  const whole = pauses.reduce((sum, pause) => sum + pause, 0);
  expect(whole).toBeGreaterThan(18 * hour);
  expect(whole).toBeLessThan(32 * hour);
  expect(await onlyDelivery()).toMatchObject({
    status: 'dead_letter',
    attempt_count: 21,
    next_attempt_at: null,
    completed_at: server.clock.now().toISOString(),
  });
});

test.each([
  ['seconds', () => '3600'],
  ['a date', () => new Date(server.clock.now().getTime() + hour).toUTCString()],
])('a Retry-After of %s is waited for', async (_name, header) => {
  receiver.status = 429;
  await completeCall(server, account, agent, { callback_url: receiver.url });
  receiver.headers = { 'retry-after': header() };
  await deliverDue(server);
  receiver.status = 200;
  await server.advance(hour - 2000);
  await deliverDue(server);
  expect(receiver.requests).toHaveLength(1);
  await server.advance(2000);
  await deliverDue(server);
  expect(receiver.requests).toHaveLength(2);
});

test.each([['soon'], ['-5'], ['999999999999'], ['0']])(
  'a Retry-After of %s changes nothing',
  async (header) => {
    receiver.status = 503;
    receiver.headers = { 'retry-after': header };
    await completeCall(server, account, agent, { callback_url: receiver.url });
    await deliverDue(server);
    expect(await toNextAttempt()).toBeLessThan(20_000);
  },
);

test('a Retry-After of a year is waited for no longer than a day', async () => {
  receiver.status = 503;
  receiver.headers = { 'retry-after': String(365 * 24 * 3600) };
  await completeCall(server, account, agent, { callback_url: receiver.url });
  await deliverDue(server);
  expect(await toNextAttempt()).toBe(24 * hour);
});

test('a receiver that was down gets everything when it is back, each with its id and its body', async () => {
  await receiver.close();
  receiver = await startReceiver({ host: comesBack, port: 0 });
  const { port } = new URL(receiver.url);
  const callback_url = `${receiver.url}/done`;
  await receiver.close();
  for (let call = 0; call < 3; call += 1) {
    await completeCall(server, account, agent, { callback_url });
    await deliverDue(server);
  }
  for (let passed = 0; passed < 10; passed += 1) {
    await server.advance(hour);
    await deliverDue(server);
  }
  const owed = await listDeliveries(server, account);
  expect(owed.map(({ status }) => status)).toEqual(['pending', 'pending', 'pending']);
  const frozen = await Promise.all(owed.map(({ id }) => readDelivery(server, account, id)));
  expect(frozen[0]?.attempts[0]).toMatchObject({
    status_code: null,
    error: 'No connection to the receiver could be made (ECONNREFUSED)',
  });
  receiver = await startReceiver({ host: comesBack, port: Number(port) });
  await server.advance(3 * hour);
  await deliverDue(server);
  const got = receiver.requests.map(({ headers, body }) => [headers['webhook-id'], body.toString()]);
  expect(got.sort()).toEqual(frozen.map(({ id, body }) => [id, body]).sort());
  expect((await listDeliveries(server, account)).map(({ status }) => status)).toEqual([
    'succeeded',
    'succeeded',
    'succeeded',
  ]);
});

test.each([[301], [400], [401], [404], [500]])(
  '%i is tried again, and no redirect is followed',
  async (status) => {
    receiver.status = status;
    receiver.headers = { location: `${receiver.url}/elsewhere` };
    await completeCall(server, account, agent, { callback_url: `${receiver.url}/here` });
    await deliverDue(server);
    expect(receiver.requests.map(({ url }) => url)).toEqual(['/here']);
    receiver.status = 204;
    await toNextAttempt();
    expect(await onlyDelivery()).toMatchObject({ status: 'succeeded', attempt_count: 2 });
  },
);

test('410 ends it at once', async () => {
  receiver.status = 410;
  await completeCall(server, account, agent, { callback_url: receiver.url });
  await deliverDue(server);
  expect(await onlyDelivery()).toMatchObject({ status: 'dead_letter', attempt_count: 1 });
});

test('a receiver that never answers is tried again, and the attempt says so', async () => {
  receiver.status = null;
  await completeCall(server, account, agent, { callback_url: receiver.url });
  const arrival = receiver.next();
  const delivered = deliverDue(server);
  await arrival;
  await server.stopWaitingForReplies();
  await delivered;
  const { id, status } = await onlyDelivery();
  expect(status).toBe('pending');
  expect((await readDelivery(server, account, id)).attempts).toMatchObject([
    { status_code: null, error: 'The receiver did not answer in time, or broke the connection off' },
  ]);
});

test('the log names neither address nor content', async () => {
  receiver.status = 500;
  await completeCall(server, account, agent, {
    callback_url: `${receiver.url}/token-in-path`,
    initial_context: { user: 'Jane' },
  });
  await deliverDue(server);
  const log = server.logLines.join('\n');
  expect(log).toContain('an event was not delivered');
  for (const secret of ['token-in-path', new URL(receiver.url).host, 'Jane', '+14155550100']) {
    expect(log).not.toContain(secret);
  }
});
