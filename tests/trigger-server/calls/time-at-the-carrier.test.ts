/** Our clocks may be wrong about the time since a restart, so the watchdog asks the carrier how long a call has lasted. */
import { endOverdueRuns, Postponements } from '../../../trigger-server/src/calls/watchdog';
import { createAgent } from '../../support/agents';
import { readRun, startCall } from '../../support/calls';
import { replyJson, startLocalServer, type LocalServer } from '../../support/local-server';
import { addTwilio } from '../../support/telephony';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';

/** Longest ringing and talking time, and a minute of grace. */
const longestSeconds = 30 + 300 + 60;

let carrier: LocalServer;
let server: TestServer;
let account: Account;
let runId: number;
let postponed: Postponements;
/** How long the call has lasted by the carrier's clock. */
let lastedSeconds: number;

beforeEach(async () => {
  lastedSeconds = 0;
  postponed = new Postponements();
  const started = Date.parse('2031-05-06T07:08:09Z');
  carrier = await startLocalServer(({ url }, response) => {
    response.setHeader('Date', new Date(started + lastedSeconds * 1000).toUTCString());
    const call = { sid: 'CA1', status: 'in-progress', start_time: new Date(started).toUTCString() };
    if (url.endsWith('/CA1.json')) replyJson(response, 200, call);
    else replyJson(response, url.endsWith('/Calls.json') ? 201 : 503, call);
  });
  server = await startTestServer({
    TWILIO_API_BASE_URL: carrier.url,
    PUBLIC_BASE_URL: 'https://calls.example.com',
  });
  account = await server.signUp();
  const agent = await createAgent(server, account);
  await addTwilio(server, account, { name: 'Line', is_default_outbound: true, number: '+14155550123' });
  runId = await startCall(server, account, agent, { phone_number: '+14155550100' });
});
afterEach(async () => {
  await server.close();
  await carrier.close();
});

const hangUps = () =>
  carrier.requests.filter(({ method, url }) => method === 'POST' && url.endsWith('/CA1.json')).length;
const hasEnded = async () => (await readRun(server, account, runId)).is_completed;

/** Advances our clock and runs the watchdog once. */
async function pass(seconds: number): Promise<void> {
  await server.advance(seconds * 1000);
  await endOverdueRuns(server.services, postponed);
}

test('a call that is younger by its carrier’s clock gets the rest of its time, and is ended after that', async () => {
  lastedSeconds = 100;
  await pass(longestSeconds + 1);
  expect(hangUps()).toBe(0);
  expect(await hasEnded()).toBe(false);

  await pass(longestSeconds - 100 - 1);
  expect(await hasEnded()).toBe(false);

  lastedSeconds = longestSeconds + 1;
  await pass(2);
  expect(hangUps()).toBe(1);
  expect(await hasEnded()).toBe(true);
});

test('a call is ended even if it never grows older by its carrier’s clock', async () => {
  lastedSeconds = 0;
  await pass(longestSeconds + 1);
  expect(await hasEnded()).toBe(false);
  await pass(longestSeconds + 1);
  expect(hangUps()).toBe(1);
  expect(await hasEnded()).toBe(true);
});

test('a call that is overdue by its carrier’s clock, too, is ended at once', async () => {
  lastedSeconds = longestSeconds + 1;
  await pass(longestSeconds + 1);
  expect(hangUps()).toBe(1);
  expect(await hasEnded()).toBe(true);
});
