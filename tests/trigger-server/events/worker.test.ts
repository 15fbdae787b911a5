import type { ServerResponse } from 'node:http';
import { ended } from '../../../trigger-server/src/carriers/port/report';
import { Dispatcher } from '../../../trigger-server/src/events/deliveries/dispatcher';
import { deliveries } from '../../../trigger-server/src/events/deliveries/worker';
import { readyToCall } from '../../support/agents';
import { startCall } from '../../support/calls';
import { startLocalServer } from '../../support/local-server';
import { startTestServer, type TestServer } from '../../support/test-server';
import {
  completeCall,
  deliverDue,
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

test('a running server sends the event of an end without waiting for the next round', async () => {
  const { account, agent } = await readyToCall(server);
  const runId = await startCall(server, account, agent, {
    phone_number: '+14155550100',
    callback_url: receiver.url,
  });
  const worker = await deliveries(server.services).start();
  const told = receiver.next();
  await server.services
    .callReports('sandbox')
    .report(runId, [{ ...ended('canceled'), rawStatus: 'sandbox:canceled' }]);
  await server.advance(20);
  await told;
  await worker.stop();
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

/**
 * The database refuses to search for due events. Resolves at the first refusal.
 * @param beforeWrite runs before each write; if it throws, the database refuses the write as well.
 */
function refuseSearches(beforeWrite: () => void = () => undefined): Promise<void> {
  return new Promise((resolve) => {
    server.storage.tap({
      beforeQuery({ sql }) {
        if (!sql.startsWith('with recursive')) return;
        resolve();
        throw new Error('the disk cannot be read');
      },
      beforeWrite,
    });
  });
}

/**
 * Sends one event, and stops the dispatcher right after the round that follows the answer (200) has failed.
 * @param beforeWrite as above.
 * @returns the requests that the receiver got until the lease had ended and due events were sent, the number of writes
 * until then, and the number of writes that the stop made without a further round.
 */
async function stopAfterFailedRound(beforeWrite: () => void) {
  const { account, agent } = await readyToCall(server);
  const responses: ServerResponse[] = [];
  let isBegun: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => (isBegun = resolve));
  const slow = await startLocalServer((_, response) => {
    responses.push(response);
    if (responses.length > 1) response.end();
    isBegun();
  });
  try {
    await completeCall(server, account, agent, { callback_url: slow.url });
    const dispatcher = new Dispatcher(server.services);
    dispatcher.dispatch();
    await begun;
    let writes = 0;
    const refused = refuseSearches(() => {
      writes += 1;
      beforeWrite();
    });
    responses[0]?.end();
    await refused;
    const stopped = dispatcher.stop();
    // Enough turns for the stop to begin its write. If a stop waits only for promises that are already resolved, no timer
    // or socket gets a turn, and the test would hang. A further round ends that.
    for (let turn = 0; turn < 1000; turn += 1) await Promise.resolve();
    const writesOfStop = writes;
    dispatcher.dispatch();
    await stopped;
    server.storage.untap();
    await server.advance(30_000);
    await deliverDue(server);
    return { writesOfStop, writes, requests: slow.requests.length };
  } finally {
    await slow.close();
  }
}

test('a result is recorded, and a stop ends, even if the search for due events fails', async () => {
  const outcome = await stopAfterFailedRound(() => undefined);
  expect(outcome).toEqual({ writesOfStop: 1, writes: 1, requests: 1 });
});

test('a stop tries once to record a result; if the database refuses, the event is sent again after its lease', async () => {
  const outcome = await stopAfterFailedRound(() => {
    throw new Error('the disk is full');
  });
  expect(outcome).toEqual({ writesOfStop: 1, writes: 1, requests: 2 });
  const refusals = server.logLines.filter((line) => line.includes('an attempt could not be recorded'));
  expect(refusals).toHaveLength(1);
});

test('a worker that cannot search for due events is not healthy until it can', async () => {
  const worker = await deliveries(server.services).start();
  await server.advance(1000);
  expect(worker.health()).toBeNull();
  const refused = refuseSearches();
  await server.advance(1000);
  await refused;
  expect(worker.health()).toBe('due events could not be claimed; the next round tries again');
  server.storage.untap();
  await server.advance(1000);
  expect(worker.health()).toBeNull();
  await worker.stop();
});
