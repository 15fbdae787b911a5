/** A commit costs more than an event, so many events share one commit. */
import { readyToCall } from '../../support/agents';
import type { ReceivedRequest } from '../../support/local-server';
import { startTestServer, type TestServer } from '../../support/test-server';
import {
  completeCall,
  deliverDue,
  receiversAllowed,
  startReceiver,
  type Receiver,
} from '../../support/webhooks';

const events = 60;

let server: TestServer;
let receiver: Receiver;

beforeEach(async () => {
  server = await startTestServer(receiversAllowed);
  receiver = await startReceiver();
  const { account, agent } = await readyToCall(server);
  for (let call = 0; call < events; call += 1) {
    await completeCall(server, account, agent, { callback_url: receiver.url });
  }
});
afterEach(async () => {
  await receiver.close();
  await server.close();
});

/** The rows of the deliveries, the oldest first. */
async function deliveryRows(): Promise<{ id: number; uuid: string }[]> {
  const { read } = server.services.storage;
  const query = read.builder.selectFrom('webhook_deliveries').select(['id', 'uuid']).orderBy('id');
  return (await read.run(query.compile())).rows;
}

test('events are taken and recorded many in one write, and each is sent once', async () => {
  let writes = 0;
  server.storage.tap({
    beforeWrite() {
      writes += 1;
    },
  });
  await deliverDue(server);
  server.storage.untap();
  expect(new Set(receiver.requests.map(({ headers }) => headers['webhook-id'])).size).toBe(events);
  expect(receiver.requests).toHaveLength(events);
  expect(writes).toBeLessThanOrEqual(events / 2);
});

test('an attempt that cannot be recorded is made again alone: those that were recorded with it are not', async () => {
  const unlucky = (await deliveryRows()).at(-1)!;
  server.storage.tap({
    beforeQuery({ sql, parameters }) {
      const isRecord = sql.startsWith('update "webhook_attempts"');
      if (isRecord && parameters.includes(unlucky.id)) throw new Error('this row cannot be written');
    },
  });
  await deliverDue(server);
  server.storage.untap();
  await server.advance(30_000);
  await deliverDue(server);
  const sent = receiver.requests.map(({ headers }) => headers['webhook-id']);
  expect(sent).toHaveLength(events + 1);
  expect(sent.filter((id) => id === unlucky.uuid)).toHaveLength(2);
});

test('a delivery that cannot be read does not keep the others from being sent, and is sent once it can be', async () => {
  const unlucky = (await deliveryRows())[0]!;
  const isUnlucky = ({ headers }: ReceivedRequest) => headers['webhook-id'] === unlucky.uuid;
  server.storage.tap({
    beforeQuery({ sql, parameters }) {
      const isRow = sql.startsWith('select * from "webhook_deliveries"');
      if (isRow && parameters.includes(unlucky.id)) throw new Error('this row cannot be read');
    },
  });
  await deliverDue(server);
  expect(receiver.requests).toHaveLength(events - 1);
  expect(receiver.requests.filter(isUnlucky)).toEqual([]);
  server.storage.untap();
  await deliverDue(server);
  expect(receiver.requests).toHaveLength(events);
  expect(receiver.requests.filter(isUnlucky)).toHaveLength(1);
});

test('a delivery whose stored request is damaged fails for good, and the others are sent', async () => {
  const { id } = (await deliveryRows())[0]!;
  await server.services.storage.write(async (session) => {
    const damage = session.builder.updateTable('webhook_deliveries').set({ request: '{"method"' });
    await session.run(damage.where('id', '=', id).compile());
  });
  await deliverDue(server);
  expect(receiver.requests).toHaveLength(events - 1);
  const { read } = server.services.storage;
  const { rows } = await read.run(
    read.builder
      .selectFrom('webhook_deliveries')
      .innerJoin('webhook_attempts', 'webhook_attempts.delivery_id', 'webhook_deliveries.id')
      .select(['webhook_deliveries.id', 'webhook_deliveries.status', 'webhook_attempts.error'])
      .where('webhook_deliveries.status', '!=', 'succeeded')
      .compile(),
  );
  expect(rows).toEqual([
    { id, status: 'dead_letter', error: 'The stored request is damaged, so it cannot be sent' },
  ]);
});
