/** A carrier may keep a call in its queue for longer than the call may last. */
import { endOverdueRuns } from '../../../trigger-server/src/calls/watchdog';
import { createAgent } from '../../support/agents';
import { readRun, startCall } from '../../support/calls';
import { replyJson, startLocalServer, type LocalServer } from '../../support/local-server';
import { addTwilio } from '../../support/telephony';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';

let carrier: LocalServer;
let server: TestServer;
let account: Account;
let runId: number;
/** The HTTP status of the carrier's reply to a cancellation. */
let cancelStatus: number;

beforeEach(async () => {
  cancelStatus = 200;
  carrier = await startLocalServer(({ method, url }, response) => {
    const isCall = url.endsWith('/CA1.json');
    if (isCall && method === 'POST') replyJson(response, cancelStatus, { status: 'canceled' });
    else if (isCall) replyJson(response, 200, { sid: 'CA1', status: 'queued' });
    else replyJson(response, method === 'POST' ? 201 : 503, { sid: 'CA1', status: 'queued' });
  });
  server = await startTestServer({
    TWILIO_API_BASE_URL: carrier.url,
    PUBLIC_BASE_URL: 'https://calls.example.com',
  });
  await server.followUps.stop();
  account = await server.signUp();
  const agent = await createAgent(server, account);
  await addTwilio(server, account, { name: 'Carrier', is_default_outbound: true, number: '+14155550123' });
  runId = await startCall(server, account, agent, { phone_number: '+14155550100' });
  await server.advance((30 + 300 + 60 + 1) * 1000);
});
afterEach(async () => {
  await server.close();
  await carrier.close();
});

const cancellations = () =>
  carrier.requests
    .filter(({ method, url }) => method === 'POST' && url.endsWith('/CA1.json'))
    .map(({ body }) => body.toString('utf8'));

test('at its deadline a queued call is canceled at the carrier, and the run ends as canceled, with the reason', async () => {
  await endOverdueRuns(server.services);
  expect(cancellations()).toEqual(['Status=canceled']);
  expect(await readRun(server, account, runId)).toMatchObject({
    status: 'canceled',
    gathered_context: {
      call_disposition: 'canceled',
      error: expect.stringContaining('still in the queue of the carrier') as unknown,
    },
  });
});

test('if the carrier does not cancel it, the run stays open, and the call is canceled at the next deadline', async () => {
  cancelStatus = 500;
  await endOverdueRuns(server.services);
  await endOverdueRuns(server.services);
  expect(cancellations()).toHaveLength(1);
  expect((await readRun(server, account, runId)).is_completed).toBe(false);
  cancelStatus = 200;
  await server.advance((30 + 300 + 60 + 1) * 1000);
  await endOverdueRuns(server.services);
  expect((await readRun(server, account, runId)).status).toBe('canceled');
});

const dayMilliseconds = 24 * 60 * 60_000;

test('where the carrier never cancels it, it ends as an error after a day, with the reason', async () => {
  cancelStatus = 500;
  const age = async () =>
    server.clock.now().getTime() - Date.parse((await readRun(server, account, runId)).created_at);
  await server.clock.advance(dayMilliseconds - (await age()) - 1000, () => Promise.resolve());
  await endOverdueRuns(server.services);
  expect((await readRun(server, account, runId)).is_completed).toBe(false);
  await server.advance(1001);
  await endOverdueRuns(server.services);
  expect(await readRun(server, account, runId)).toMatchObject({
    status: 'error',
    gathered_context: { error: expect.stringContaining('after 24 hours') as unknown },
  });
});

test('where the carrier does not know it when it is to be canceled, it ends as an error, with the reason', async () => {
  cancelStatus = 404;
  await endOverdueRuns(server.services);
  expect(await readRun(server, account, runId)).toMatchObject({
    status: 'error',
    gathered_context: { error: expect.stringContaining('knows no such call') as unknown },
  });
});
