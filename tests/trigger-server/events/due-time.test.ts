/**
 * Events are sent when the files of the run are available, or 60 seconds after its end. After that, their content never
 * changes.
 */
import type { CallCompletedEvent } from '@dograh-trigger/shared';
import { fetchDueRecordings } from '../../support/fetch-recordings';
import { publish, readyToCall, saveDraft, type TestAgent } from '../../support/agents';
import { readRun } from '../../support/calls';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import {
  completeCall,
  deliverDue,
  listDeliveries,
  readDelivery,
  receiversAllowed,
  redeliver,
  startReceiver,
  type Receiver,
} from '../../support/webhooks';

let server: TestServer;
let receiver: Receiver;
let account: Account;
let agent: TestAgent;

beforeAll(async () => {
  server = await startTestServer(receiversAllowed);
});
beforeEach(async () => {
  receiver = await startReceiver();
  ({ account, agent } = await readyToCall(server));
  await saveDraft(server, account, agent, { workflow_configurations: { recording_enabled: true } });
  await publish(server, account, agent);
});
afterEach(() => receiver.close());
afterAll(() => server.close());

const events = () => receiver.requests.map(({ body }) => JSON.parse(body.toString()) as CallCompletedEvent);

test('as soon as the recording is there, the event goes out with it', async () => {
  await completeCall(server, account, agent, { callback_url: receiver.url });
  await deliverDue(server);
  expect(events()).toEqual([]);
  await fetchDueRecordings(server.services);
  await deliverDue(server);
  expect(events()).toMatchObject([
    { data: { artifacts_ready: true, recording_public_url: expect.stringContaining('/recording') } },
  ]);
});

test('60 seconds after the end the event is sent without the recording, and never sent again', async () => {
  const runId = await completeCall(server, account, agent, { callback_url: receiver.url });
  const { completed_at: end } = await readRun(server, account, runId);
  const toTheMinute = Date.parse(end ?? '') + 60_000 - server.clock.now().getTime();
  await server.advance(toTheMinute - 1);
  await deliverDue(server);
  expect(events()).toEqual([]);
  await server.advance(1);
  await deliverDue(server);
  await fetchDueRecordings(server.services);
  await deliverDue(server);
  expect(events()).toMatchObject([{ data: { artifacts_ready: false, recording_public_url: null } }]);
});

test('every attempt sends the body of the first one, even if the run has changed', async () => {
  receiver.status = 500;
  await completeCall(server, account, agent, { callback_url: receiver.url });
  await server.advance(60_000);
  await deliverDue(server);
  await fetchDueRecordings(server.services);
  receiver.status = 200;
  await server.advance(60_000);
  await deliverDue(server);
  const [first, second] = receiver.requests.map(({ body }) => body.toString());
  expect(second).toBe(first);
  const [delivery] = await listDeliveries(server, account);
  expect((await readDelivery(server, account, delivery!.id)).body).toBe(first);
});

test('sent again by hand, an event that waits for the recording goes on waiting for it', async () => {
  await completeCall(server, account, agent, { callback_url: receiver.url });
  const [waiting] = await listDeliveries(server, account);
  expect(await redeliver(server, account, waiting!.id)).toMatchObject({
    status: 'pending',
    next_attempt_at: waiting!.next_attempt_at,
  });
  await deliverDue(server);
  expect(events()).toEqual([]);
  await fetchDueRecordings(server.services);
  await deliverDue(server);
  expect(events()).toMatchObject([{ data: { artifacts_ready: true } }]);
});

test('so does one that was canceled before, for 60 seconds from the end at most', async () => {
  const hook = await server.request
    .post('/api/v1/hooks')
    .set('X-API-Key', account.apiKey)
    .send({ target_url: receiver.url, event: 'call.completed' })
    .expect(200);
  await completeCall(server, account, agent);
  const [waiting] = await listDeliveries(server, account);
  const { id: hookId } = hook.body as { id: number };
  await server.request
    .delete(`/api/v1/hooks/${String(hookId)}`)
    .set('X-API-Key', account.apiKey)
    .expect(200);
  const again = await redeliver(server, account, waiting!.id);
  expect(again.next_attempt_at).toBe(waiting!.next_attempt_at);
  await server.advance(60_000);
  const { next_attempt_at: due } = await redeliver(server, account, waiting!.id);
  expect(due).toBe(server.clock.now().toISOString());
  await deliverDue(server);
  expect(events()).toMatchObject([{ data: { artifacts_ready: false } }]);
});
