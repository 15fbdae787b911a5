/** A commit costs more than an event: many events share one. */
import { readyToCall } from '../../support/agents';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import {
  completeCall,
  deliverDue,
  listDeliveries,
  receiversAllowed,
  startReceiver,
  type Receiver,
} from '../../support/webhooks';

const events = 60;

let server: TestServer;
let receiver: Receiver;
let account: Account;

beforeEach(async () => {
  server = await startTestServer(receiversAllowed);
  receiver = await startReceiver();
  const ready = await readyToCall(server);
  ({ account } = ready);
  for (let call = 0; call < events; call += 1) {
    await completeCall(server, account, ready.agent, { callback_url: receiver.url });
  }
});
afterEach(async () => {
  await receiver.close();
  await server.close();
});

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
  const [unlucky] = await listDeliveries(server, account);
  const { read } = server.services.storage;
  const row = await read.first(
    read.builder.selectFrom('webhook_deliveries').select('id').where('uuid', '=', unlucky!.id).compile(),
  );
  server.storage.tap({
    beforeQuery({ sql, parameters }) {
      const isRecord = sql.startsWith('update "webhook_attempts"');
      if (isRecord && parameters.includes(row?.id)) throw new Error('this row cannot be written');
    },
  });
  await deliverDue(server);
  server.storage.untap();
  await server.advance(30_000);
  await deliverDue(server);
  const sent = receiver.requests.map(({ headers }) => headers['webhook-id']);
  expect(sent).toHaveLength(events + 1);
  expect(sent.filter((id) => id === unlucky!.id)).toHaveLength(2);
});
