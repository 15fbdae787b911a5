/** The list of deliveries with their attempts, and resending by hand. */
import type { WebhookDeliveryPage } from '@dograh-trigger/shared';
import { Dispatcher } from '../../../trigger-server/src/events/deliveries/dispatcher';
import { readyToCall, type TestAgent } from '../../support/agents';
import { startLocalServer } from '../../support/local-server';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import {
  completeCall,
  deliverDue,
  listDeliveries,
  readDelivery,
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
beforeEach(async () => {
  receiver = await startReceiver();
  ({ account, agent } = await readyToCall(server));
});
afterEach(() => receiver.close());
afterAll(() => server.close());

const call = () => completeCall(server, account, agent, { callback_url: `${receiver.url}/x` });

function redeliver(id: string, by = account) {
  return server.request.post(`/api/v1/webhook-deliveries/${id}/redeliver`).set('X-API-Key', by.apiKey);
}

/** What the receiver got, without the headers of the connection and with a masked signature. */
function headersOf({ headers }: Receiver['requests'][number]) {
  const { connection, 'content-length': _length, host, ...set } = headers;
  expect([connection, host]).toEqual([expect.any(String), expect.any(String)]);
  return { ...set, 'webhook-signature': '********' };
}

test('a delivery is shown with its body and every attempt', async () => {
  const runId = await call();
  const created = (await listDeliveries(server, account))[0]!;
  receiver.status = 500;
  await deliverDue(server);
  const failedAt = server.clock.now().toISOString();
  receiver.status = 201;
  await server.advance(60_000);
  await deliverDue(server);
  const doneAt = server.clock.now().toISOString();
  expect(await readDelivery(server, account, created.id)).toEqual({
    id: receiver.requests[0]!.headers['webhook-id'],
    workflow_run_id: runId,
    source: 'callback_url',
    source_id: null,
    event: 'call.completed',
    method: 'POST',
    url: `${receiver.url}/x`,
    status: 'succeeded',
    attempt_count: 2,
    next_attempt_at: null,
    created_at: created.created_at,
    completed_at: doneAt,
    body: receiver.requests[0]!.body.toString(),
    attempts: [
      {
        number: 1,
        started_at: failedAt,
        duration_milliseconds: 0,
        status_code: 500,
        error: 'The receiver answered 500',
        response: 'thank you',
        sent_headers: headersOf(receiver.requests[0]!),
      },
      {
        number: 2,
        started_at: doneAt,
        duration_milliseconds: 0,
        status_code: 201,
        error: null,
        response: 'thank you',
        sent_headers: headersOf(receiver.requests[1]!),
      },
    ],
  });
});

test('a delivery older than the second type of event is sent as call.completed', async () => {
  await call();
  await server.services.storage.write(async (session) => {
    const owed = session.builder.selectFrom('webhook_deliveries').select(['id', 'request']);
    for (const { id, request } of (await session.run(owed.compile())).rows) {
      const { event: _event, ...before } = JSON.parse(request) as Record<string, unknown>;
      const update = session.builder
        .updateTable('webhook_deliveries')
        .set({ request: JSON.stringify(before) });
      await session.run(update.where('id', '=', id).compile());
    }
  });
  const [delivery] = await listDeliveries(server, account);
  expect(delivery?.event).toBe('call.completed');
  await deliverDue(server);
  expect(JSON.parse(receiver.requests[0]!.body.toString())).toMatchObject({ type: 'call.completed' });
});

test('an attempt is listed as soon as it begins', async () => {
  receiver.status = null;
  await call();
  const arrival = receiver.next();
  const delivered = deliverDue(server);
  await arrival;
  const { id } = (await listDeliveries(server, account))[0]!;
  expect(await readDelivery(server, account, id)).toMatchObject({
    status: 'pending',
    attempt_count: 1,
    attempts: [
      {
        number: 1,
        started_at: server.clock.now().toISOString(),
        duration_milliseconds: 0,
        status_code: null,
        error: null,
        response: null,
      },
    ],
  });
  await receiver.close();
  await delivered;
  expect((await readDelivery(server, account, id)).attempts).toMatchObject([
    { number: 1, error: 'The receiver did not answer in time, or broke the connection off' },
  ]);
});

test('a reply that is long, and no text, counts by its status, and 500 characters of it are kept', async () => {
  const chatty = await startLocalServer((_request, response) => {
    response.writeHead(200).end(Buffer.concat([Buffer.from('\0\ud800x'), Buffer.alloc(3_000_000, 0x61)]));
  });
  try {
    await completeCall(server, account, agent, { callback_url: chatty.url });
    await deliverDue(server);
    const [delivery] = await listDeliveries(server, account);
    expect(delivery?.status).toBe('succeeded');
    const [attempt] = (await readDelivery(server, account, delivery!.id)).attempts;
    expect(attempt?.response).toMatch(/^\ufffd+xa+$/);
    expect(attempt?.response).toHaveLength(500);
  } finally {
    await chatty.close();
  }
});

test('the list is paged, newest first, and filtered by run and by status', async () => {
  const first = await call();
  await deliverDue(server);
  receiver.status = 410;
  const second = await call();
  await deliverDue(server);
  const third = await call();
  const page = await server.request
    .get('/api/v1/webhook-deliveries?limit=2&page=2')
    .set('X-API-Key', account.apiKey)
    .expect(200);
  expect(page.body).toMatchObject({
    deliveries: [{ workflow_run_id: first }],
    total_count: 3,
    page: 2,
    limit: 2,
    total_pages: 2,
  });
  const runsOf = async (query: string) =>
    (await listDeliveries(server, account, query)).map(({ workflow_run_id: run }) => run);
  expect(await runsOf('')).toEqual([third, second, first]);
  expect(await runsOf(`?run_id=${String(second)}`)).toEqual([second]);
  expect(await runsOf('?status=pending')).toEqual([third]);
  expect(await runsOf('?status=dead_letter')).toEqual([second]);
  expect(await runsOf(`?status=succeeded&run_id=${String(first)}`)).toEqual([first]);
  expect(await runsOf(`?status=succeeded&run_id=${String(second)}`)).toEqual([]);
  const counted = await server.request
    .get('/api/v1/webhook-deliveries?status=succeeded')
    .set('X-API-Key', account.apiKey);
  expect((counted.body as WebhookDeliveryPage).total_count).toBe(1);
});

test('a damaged row is shown without its request, and hides no other', async () => {
  await call();
  await call();
  const [newest, older] = await listDeliveries(server, account);
  await server.services.storage.write((session) =>
    session.run(
      session.builder
        .updateTable('webhook_deliveries')
        .set({ request: '{"method"' })
        .where('uuid', '=', newest!.id)
        .compile(),
    ),
  );
  const damaged = { ...newest, source_id: null, event: null, method: '', url: '' };
  expect(await listDeliveries(server, account)).toEqual([damaged, older]);
  expect(await readDelivery(server, account, newest!.id)).toMatchObject(damaged);
  expect((await redeliver(newest!.id).expect(202)).body).toMatchObject({ id: newest!.id, url: '' });
});

test.each([['status=lost'], ['run_id=x'], ['limit=101'], ['page=0']])('%s is refused', async (query) => {
  const reply = await server.request
    .get(`/api/v1/webhook-deliveries?${query}`)
    .set('X-API-Key', account.apiKey)
    .expect(422);
  expect(reply.body).toMatchObject({ detail: [{ loc: ['query', query.split('=')[0]] }] });
});

test('resending by hand sends the same body with the same id, whatever the outcome before', async () => {
  await call();
  await deliverDue(server);
  const { id } = (await listDeliveries(server, account))[0]!;
  const reply = await redeliver(id).expect(202);
  expect(reply.body).toMatchObject({ id, status: 'pending', attempt_count: 1, completed_at: null });
  await deliverDue(server);
  const [first, second] = receiver.requests;
  expect(second!.body.equals(first!.body)).toBe(true);
  expect(second!.headers['webhook-id']).toBe(first!.headers['webhook-id']);
  expect(second!.headers['x-dograh-delivery-attempt']).toBe('2');
  expect((await readDelivery(server, account, id)).status).toBe('succeeded');
});

test('resending by hand while an attempt is under way makes another attempt follow, whatever the outcome', async () => {
  let id = '';
  const asking = await startLocalServer((request, response) => {
    const isFirst = request.headers['x-dograh-delivery-attempt'] === '1';
    const asked = isFirst ? redeliver(id).expect(202) : Promise.resolve();
    void Promise.resolve(asked).then(() => response.writeHead(200).end());
  });
  try {
    await completeCall(server, account, agent, { callback_url: asking.url });
    ({ id } = (await listDeliveries(server, account))[0]!);
    await deliverDue(server);
    const { status, attempts } = await readDelivery(server, account, id);
    expect(status).toBe('succeeded');
    expect(attempts.map(({ number, status_code: code }) => [number, code])).toEqual([
      [1, 200],
      [2, 200],
    ]);
  } finally {
    await asking.close();
  }
});

test('by hand while an attempt is under way, no second one runs beside it, and its receiver’s other events go out', async () => {
  receiver.status = null;
  await call();
  const { id } = (await listDeliveries(server, account))[0]!;
  const dispatcher = new Dispatcher(server.services);
  const begun = receiver.next();
  dispatcher.dispatch();
  await begun;
  await redeliver(id).expect(202);
  receiver.status = 200;
  // As another server on the same database would.
  await deliverDue(server);
  expect(receiver.requests).toHaveLength(1);
  await call();
  const other = receiver.next();
  dispatcher.dispatch();
  expect((await other).headers['webhook-id']).not.toBe(id);
  await receiver.close();
  await dispatcher.idle();
  expect((await readDelivery(server, account, id)).attempts).toMatchObject([
    { number: 1, error: 'The receiver did not answer in time, or broke the connection off' },
    { number: 2, error: 'No connection to the receiver could be made (ECONNREFUSED)' },
  ]);
});

test('a delivery resent by hand gets all retries again', async () => {
  receiver.status = 410;
  await call();
  await deliverDue(server);
  const { id } = (await listDeliveries(server, account))[0]!;
  await redeliver(id).expect(202);
  receiver.status = 500;
  await deliverDue(server);
  for (let attempt = 2; attempt < 21; attempt += 1) {
    await server.advance(3 * 3_600_000);
    await deliverDue(server);
  }
  expect(await readDelivery(server, account, id)).toMatchObject({ status: 'pending', attempt_count: 21 });
  await server.advance(3 * 3_600_000);
  await deliverDue(server);
  expect(await readDelivery(server, account, id)).toMatchObject({ status: 'dead_letter', attempt_count: 22 });
});

test('another organization sees no delivery, and can send none again', async () => {
  const runId = await call();
  const { id } = (await listDeliveries(server, account))[0]!;
  const stranger = await server.signUp();
  expect(await listDeliveries(server, stranger)).toEqual([]);
  expect(await listDeliveries(server, stranger, `?run_id=${String(runId)}`)).toEqual([]);
  const missing = { code: 'not_found', detail: 'Webhook delivery not found' };
  const read = await server.request
    .get(`/api/v1/webhook-deliveries/${id}`)
    .set('X-API-Key', stranger.apiKey)
    .expect(404);
  expect(read.body).toEqual(missing);
  expect((await redeliver(id, stranger).expect(404)).body).toEqual(missing);
  await deliverDue(server);
  expect(receiver.requests).toHaveLength(1);
});

test('an id that cannot be one is not found', async () => {
  for (const id of ['x', '%00', '%F0%9F%98%80']) {
    await server.request.get(`/api/v1/webhook-deliveries/${id}`).set('X-API-Key', account.apiKey).expect(404);
  }
});

test('a server whose database refuses to record an attempt makes it again, under the same id', async () => {
  const broken = await startTestServer(receiversAllowed);
  try {
    const ready = await readyToCall(broken);
    await completeCall(broken, ready.account, ready.agent, { callback_url: receiver.url });
    broken.storage.tap({
      afterBody() {
        if (receiver.requests.length > 0) throw new Error('the disk is full');
      },
    });
    await deliverDue(broken);
    broken.storage.untap();
    expect(receiver.requests).toHaveLength(1);
    await deliverDue(broken);
    expect(receiver.requests).toHaveLength(1);
    await broken.advance(30_000);
    await deliverDue(broken);
    const ids = receiver.requests.map(({ headers }) => headers['webhook-id']);
    expect(ids).toEqual([ids[0], ids[0]]);
    expect((await readDelivery(broken, ready.account, ids[0] as string)).attempts).toMatchObject([
      {
        number: 1,
        status_code: null,
        error: 'The server stopped during this attempt, or could not record its result',
      },
      { number: 2, status_code: 200, error: null },
    ]);
  } finally {
    await broken.close();
  }
});
