/** POST /webhook-deliveries/redeliver: after an outage, everything that failed is sent again. */
import { createAgent, readyToCall, type TestAgent } from '../../support/agents';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
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
let account: Account;
let agent: TestAgent;
beforeAll(async () => {
  server = await startTestServer(receiversAllowed);
});
afterAll(() => server.close());
beforeEach(async () => {
  receiver = await startReceiver();
  ({ account, agent } = await readyToCall(server));
});
afterEach(() => receiver.close());

async function redeliver(body: object, by = account): Promise<{ matching: number; queued: number }> {
  const reply = await server.request
    .post('/api/v1/webhook-deliveries/redeliver')
    .set('X-API-Key', by.apiKey)
    .send(body)
    .expect(200);
  return reply.body as { matching: number; queued: number };
}

/** Completes a call, and gives its event up with the first attempt: 410 means that the receiver is gone. */
async function giveUp(path = '/x'): Promise<string> {
  const runId = await completeCall(server, account, agent, { callback_url: `${receiver.url}${path}` });
  receiver.status = 410;
  await deliverDue(server);
  receiver.status = 200;
  const [delivery] = await listDeliveries(server, account, `?run_id=${String(runId)}`);
  expect(delivery).toMatchObject({ status: 'dead_letter' });
  return delivery!.id;
}

const statusesOf = async () => (await listDeliveries(server, account)).map(({ status }) => status);

test('what was given up since a time is sent again, with its id, and earlier failures are not', async () => {
  const earlier = await giveUp();
  await server.advance(60_000);
  const since = server.clock.now().toISOString();
  const later = [await giveUp(), await giveUp()];
  expect(await redeliver({ since })).toEqual({ matching: 2, queued: 2 });
  const before = receiver.requests.length;
  await deliverDue(server);
  const sent = receiver.requests.slice(before).map(({ headers }) => headers['webhook-id']);
  expect(sent.sort()).toEqual(later.sort());
  expect(sent).not.toContain(earlier);
  expect(await statusesOf()).toEqual(['succeeded', 'succeeded', 'dead_letter']);
});

test('a dry run counts, and sends nothing', async () => {
  await giveUp();
  expect(await redeliver({ since: '2026-01-01T00:00:00+01:00', dry_run: true })).toEqual({
    matching: 1,
    queued: 0,
  });
  expect(await statusesOf()).toEqual(['dead_letter']);
});

test('deliveries that succeeded are sent again only on request', async () => {
  await completeCall(server, account, agent, { callback_url: receiver.url });
  await deliverDue(server);
  const since = '2026-01-01T00:00:00Z';
  expect(await redeliver({ since })).toEqual({ matching: 0, queued: 0 });
  expect(await redeliver({ since, status: 'succeeded' })).toEqual({ matching: 1, queued: 1 });
  await deliverDue(server);
  expect(receiver.requests).toHaveLength(2);
});

test('hook_id chooses the deliveries of one subscription', async () => {
  const subscribe = async (path: string) => {
    const reply = await server.request
      .post('/api/v1/hooks')
      .set('X-API-Key', account.apiKey)
      .send({ target_url: `${receiver.url}${path}`, event: 'call.completed' })
      .expect(200);
    return (reply.body as { id: number }).id;
  };
  const [first] = [await subscribe('/first'), await subscribe('/second')];
  await completeCall(server, account, agent);
  await deliverDue(server);
  const filter = { since: '2026-01-01T00:00:00Z', status: 'succeeded' };
  expect(await redeliver({ ...filter, hook_id: first })).toEqual({ matching: 1, queued: 1 });
  receiver.requests.length = 0;
  await deliverDue(server);
  expect(receiver.requests.map(({ url }) => url)).toEqual(['/first']);
});

test('another organization’s deliveries are neither counted nor sent', async () => {
  await giveUp();
  const stranger = await server.signUp();
  await createAgent(server, stranger);
  expect(await redeliver({ since: '2026-01-01T00:00:00Z' }, stranger)).toEqual({ matching: 0, queued: 0 });
});

test('of a long backlog every one is found once, slice by slice', async () => {
  await giveUp();
  await server.services.storage.write(async (session) => {
    const one = await session.first(
      session.builder
        .selectFrom('webhook_deliveries')
        .selectAll()
        .where('organization_id', '=', account.organizationId)
        .compile(),
    );
    const { id: _id, ...row } = one!;
    for (let n = 0; n < 4_500; n += 1) {
      const copy = session.builder
        .insertInto('webhook_deliveries')
        .values({ ...row, uuid: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}` });
      await session.run(copy.compile());
    }
  });
  const since = '2026-01-01T00:00:00Z';
  expect(await redeliver({ since, dry_run: true })).toEqual({ matching: 4_501, queued: 0 });
  expect(await redeliver({ since })).toEqual({ matching: 4_501, queued: 4_501 });
  expect(await redeliver({ since })).toEqual({ matching: 0, queued: 0 });
});

test.each([{}, { since: 'yesterday' }, { since: '2026-01-01T00:00:00Z', status: 'pending' }])(
  '422 %j',
  async (body) => {
    await server.request
      .post('/api/v1/webhook-deliveries/redeliver')
      .set('X-API-Key', account.apiKey)
      .send(body)
      .expect(422);
  },
);
