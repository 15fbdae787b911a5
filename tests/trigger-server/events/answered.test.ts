/** The event of an answer, to those who subscribe to it. */
import type { Run } from '@dograh-trigger/shared';
import { readyToCall, type TestAgent } from '../../support/agents';
import { startCall } from '../../support/calls';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import { deliverDue, receiversAllowed, startReceiver, type Receiver } from '../../support/webhooks';

let server: TestServer;
let receiver: Receiver;
let account: Account;
let agent: TestAgent;

beforeEach(async () => {
  server = await startTestServer({ ...receiversAllowed, SANDBOX_STEP_MS: '1000' });
  receiver = await startReceiver();
  ({ account, agent } = await readyToCall(server));
  await server.request
    .post('/api/v1/hooks')
    .set('X-API-Key', account.apiKey)
    .send({ target_url: receiver.url, event: 'call.answered' })
    .expect(200);
});
afterEach(async () => {
  await receiver.close();
  await server.close();
});

const received = () =>
  receiver.requests.map(({ body }) => JSON.parse(body.toString()) as { type: string; data: Run });

test('is sent while the call is under way, once', async () => {
  const runId = await startCall(server, account, agent, { phone_number: '+14155550100' });
  await server.advance(2000);
  await deliverDue(server);
  expect(received()).toMatchObject([
    { type: 'call.answered', data: { id: runId, status: 'answered', is_completed: false } },
  ]);
  await server.advance(60_000);
  await deliverDue(server);
  expect(received()).toHaveLength(1);
});

test('is not sent for a call that nobody answers', async () => {
  await startCall(server, account, agent, { phone_number: '+15005550011' });
  await server.advance(60_000);
  await deliverDue(server);
  expect(received()).toEqual([]);
});
