import { deliveries } from '../../../trigger-server/src/events/deliveries/worker';
import { readyToCall } from '../../support/agents';
import { startTestServer, type TestServer } from '../../support/test-server';
import {
  completeCall,
  listDeliveries,
  receiversAllowed,
  startReceiver,
  type Receiver,
} from '../../support/webhooks';

let server: TestServer;
let receiver: Receiver;

beforeEach(async () => {
  server = await startTestServer(receiversAllowed);
  receiver = await startReceiver();
});
afterEach(async () => {
  await receiver.close();
  await server.close();
});

test('a running server sends the event of an end within a second', async () => {
  const { account, agent } = await readyToCall(server);
  const worker = await deliveries(server.services).start();
  const told = receiver.next();
  await completeCall(server, account, agent, { callback_url: receiver.url });
  await server.advance(1000);
  await told;
  await worker.stop();
  expect((await listDeliveries(server, account)).map(({ status }) => status)).toEqual(['succeeded']);
});

test('a stopping worker finishes and records its attempts, and starts no others', async () => {
  const { account, agent } = await readyToCall(server);
  await completeCall(server, account, agent, { callback_url: receiver.url });
  const worker = await deliveries(server.services).start();
  const told = receiver.next();
  await server.advance(1000);
  await told;
  await worker.stop();
  expect((await listDeliveries(server, account)).map(({ status }) => status)).toEqual(['succeeded']);
  await completeCall(server, account, agent, { callback_url: receiver.url });
  await server.advance(60_000);
  expect(receiver.requests).toHaveLength(1);
  expect((await listDeliveries(server, account)).map(({ status }) => status)).toEqual([
    'pending',
    'succeeded',
  ]);
});

test('two servers on one database send nothing twice', async () => {
  const { account, agent } = await readyToCall(server);
  for (let call = 0; call < 10; call += 1) {
    await completeCall(server, account, agent, { callback_url: receiver.url });
  }
  const workers = [await deliveries(server.services).start(), await deliveries(server.services).start()];
  await server.advance(1000);
  while (receiver.requests.length < 10) await receiver.next();
  for (const worker of workers) await worker.stop();
  const ids = receiver.requests.map(({ headers }) => headers['webhook-id']);
  expect(new Set(ids).size).toBe(10);
  expect(ids).toHaveLength(10);
});
