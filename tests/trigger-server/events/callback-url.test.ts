/** `callback_url`: receives an event when its run has ended. */
import { callMarker, verifyWebhook, type CallCompletedEvent } from '@dograh-trigger/shared';
import { Webhook } from 'standardwebhooks';
import { readyToCall, type TestAgent } from '../../support/agents';
import { readRun } from '../../support/calls';
import type { ReceivedRequest } from '../../support/local-server';
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
beforeEach(async () => {
  receiver = await startReceiver();
  ({ account, agent } = await readyToCall(server));
});
afterEach(async () => {
  jest.restoreAllMocks();
  await receiver.close();
});
afterAll(() => server.close());

function trigger(body: object, key?: string) {
  const request = server.request
    .post(`/api/v1/public/agent/${agent.triggerPath}`)
    .set('X-API-Key', account.apiKey);
  if (key !== undefined) request.set('Idempotency-Key', key);
  return request.send({ phone_number: '+14155550100', ...body });
}

async function secret(): Promise<string> {
  const reply = await server.request
    .get('/api/v1/organizations/webhook-secret')
    .set('X-API-Key', account.apiKey)
    .expect(200);
  return (reply.body as { secret: string }).secret;
}

const paths = () => receiver.requests.map(({ url }) => url);
const runOf = ({ body }: ReceivedRequest) => (JSON.parse(body.toString()) as CallCompletedEvent).data.id;

test('when the call has ended, one call.completed event with the run as GET returns it goes there', async () => {
  const runId = await completeCall(server, account, agent, { callback_url: `${receiver.url}/done?for=me` });
  await deliverDue(server);
  expect(receiver.requests).toHaveLength(1);
  const [request] = receiver.requests;
  const event = JSON.parse(request!.body.toString()) as CallCompletedEvent;
  const run = await readRun(server, account, runId);
  expect(event).toEqual({ type: 'call.completed', timestamp: run.completed_at, data: run });
  expect([request!.method, request!.url, request!.headers['content-type']]).toEqual([
    'POST',
    '/done?for=me',
    'application/json',
  ]);
  await deliverDue(server);
  expect(receiver.requests).toHaveLength(1);
});

test('the mark of the client is not in the event, although it is in the run', async () => {
  const runId = await completeCall(server, account, agent, {
    callback_url: receiver.url,
    initial_context: { [callMarker]: 'k-1', name: 'Jane' },
  });
  await deliverDue(server);
  const run = await readRun(server, account, runId);
  const { [callMarker]: mark, ...rest } = run.initial_context ?? {};
  expect(mark).toBe('k-1');
  const { data } = JSON.parse(receiver.requests[0]!.body.toString()) as CallCompletedEvent;
  expect(data).toEqual({ ...run, initial_context: rest });
});

test('the reference library of Standard Webhooks and our own verification accept it, and refuse a changed body', async () => {
  await completeCall(server, account, agent, {
    callback_url: receiver.url,
    initial_context: { name: 'Zoë — “quoted” \u0000 🎉' },
  });
  await deliverDue(server);
  const { headers, body } = receiver.requests[0]!;
  const key = await secret();
  const now = server.clock.now();
  // The library reads the system clock.
  jest.spyOn(Date, 'now').mockReturnValue(now.getTime());
  const oracle = new Webhook(key);
  const signed = headers as Record<string, string>;
  expect(oracle.verify(body.toString(), signed)).toMatchObject({ type: 'call.completed' });
  expect(() => oracle.verify(body.toString().replace('+1415', '+1416'), signed)).toThrow();
  expect(verifyWebhook(key, { headers, body, now })).toEqual({ ok: true });
  expect(headers['webhook-id']).toBe(headers['x-dograh-delivery-id']);
});

test('a refused dial ends its run, so its event is sent as well', async () => {
  const reply = await trigger({ phone_number: '+15005550001', callback_url: receiver.url }).expect(400);
  await deliverDue(server);
  const event = JSON.parse(receiver.requests[0]!.body.toString()) as CallCompletedEvent;
  expect(event.data).toMatchObject({ status: 'error', gathered_context: { call_disposition: 'error' } });
  expect(reply.headers.location).toMatch(new RegExp(`/${String(event.data.id)}$`));
});

describe('a repeat with the same idempotency key', () => {
  test('adds its address to the same call: each address gets one delivery', async () => {
    await trigger({ callback_url: `${receiver.url}/first` }, 'k').expect(200);
    const again = await trigger({ callback_url: `${receiver.url}/second` }, 'k').expect(200);
    expect(again.headers['idempotency-replayed']).toBe('true');
    await trigger({ callback_url: `${receiver.url}/first` }, 'k').expect(200);
    await trigger({}, 'k').expect(200);
    await server.advance(5000);
    await deliverDue(server);
    expect(paths().sort()).toEqual(['/first', '/second']);
    const ids = receiver.requests.map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids).size).toBe(2);
  });

  test('adds an address where the first request had none', async () => {
    await trigger({}, 'k').expect(200);
    await trigger({ callback_url: `${receiver.url}/late` }, 'k').expect(200);
    await server.advance(5000);
    await deliverDue(server);
    expect(paths()).toEqual(['/late']);
  });

  test('sends to its address at once if the call has ended, without affecting the first address', async () => {
    await trigger({ callback_url: `${receiver.url}/first` }, 'k').expect(200);
    await server.advance(5000);
    await trigger({ callback_url: `${receiver.url}/second` }, 'k').expect(200);
    await trigger({ callback_url: `${receiver.url}/second` }, 'k').expect(200);
    await deliverDue(server);
    expect(paths().sort()).toEqual(['/first', '/second']);
  });

  test('by another key that sees only its own calls names its address as ignored, and sends nothing there', async () => {
    const created = await server.request
      .post('/api/v1/user/api-keys')
      .set('X-API-Key', account.apiKey)
      .send({ name: 'a tool', scope: 'trigger' })
      .expect(200);
    const { api_key: toolKey } = created.body as { api_key: string };
    const send = (key: string, path: string) =>
      trigger({ callback_url: `${receiver.url}${path}` }, 'k')
        .set('X-API-Key', key)
        .expect(200);
    const ignoredOf = async (...sent: Parameters<typeof send>) =>
      (await send(...sent)).headers['ignored-fields'];
    expect(await ignoredOf(account.apiKey, '/first')).toBeUndefined();
    expect(await ignoredOf(toolKey, '/tool')).toBe('callback_url');
    expect(await ignoredOf(account.apiKey, '/own')).toBeUndefined();
    await server.advance(5000);
    await deliverDue(server);
    expect(paths().sort()).toEqual(['/first', '/own']);
  });

  test('with a sixth address names it as ignored: the first five get the event', async () => {
    const send = (name: number) =>
      trigger({ callback_url: `${receiver.url}/${String(name)}`, unknown: 1 }, 'k').expect(200);
    const ignored = [];
    for (const name of [1, 2, 3, 4, 5, 6, 5]) ignored.push((await send(name)).headers['ignored-fields']);
    expect(ignored).toEqual([...Array<string>(5).fill('unknown'), 'callback_url, unknown', 'unknown']);
    await server.advance(5000);
    expect((await send(7)).headers['ignored-fields']).toBe('callback_url, unknown');
    await deliverDue(server);
    expect(paths().sort()).toEqual(['/1', '/2', '/3', '/4', '/5']);
  });

  test('at the same moment as others: every address gets the event of the one call', async () => {
    const names = ['/1', '/2', '/3', '/4', '/5'];
    const replies = await Promise.all(
      names.map((name) => trigger({ callback_url: receiver.url + name }, 'k')),
    );
    const first = replies.filter(({ headers }) => !('idempotency-replayed' in headers));
    expect(first.map(({ status }) => status)).toEqual([200]);
    await server.advance(5000);
    await deliverDue(server);
    expect(paths().sort()).toEqual(names);
    expect(receiver.requests.map(runOf)).toEqual(Array(5).fill(runOf(receiver.requests[0]!)));
  });

  test('with an address in a private network is refused, and the first address still gets the event', async () => {
    await trigger({ callback_url: `${receiver.url}/first` }, 'k').expect(200);
    await trigger({ callback_url: 'http://10.0.0.1/' }, 'k').expect(422);
    await server.advance(5000);
    await deliverDue(server);
    expect((await listDeliveries(server, account)).map(({ url }) => url)).toEqual([`${receiver.url}/first`]);
  });

  test('in another organization is no repeat: each address gets the event of its own call', async () => {
    const own = await trigger({ callback_url: `${receiver.url}/own` }, 'k').expect(200);
    ({ account, agent } = await readyToCall(server));
    const other = await trigger({ callback_url: `${receiver.url}/other` }, 'k').expect(200);
    await server.advance(5000);
    await deliverDue(server);
    const received = receiver.requests.map((request) => [request.url, runOf(request)]);
    const runIdOf = ({ body }: { body: unknown }) => (body as { workflow_run_id: number }).workflow_run_id;
    expect(new Map(received as [string, number][])).toEqual(
      new Map([
        ['/own', runIdOf(own)],
        ['/other', runIdOf(other)],
      ]),
    );
    expect(received).toHaveLength(2);
  });

  test('does not affect subscriptions: a hook at the same receiver still gets its event', async () => {
    await server.request
      .post('/api/v1/hooks')
      .set('X-API-Key', account.apiKey)
      .send({ target_url: `${receiver.url}/hook`, event: 'call.completed' })
      .expect(200);
    await trigger({ callback_url: `${receiver.url}/first` }, 'k').expect(200);
    await server.advance(5000);
    await trigger({ callback_url: `${receiver.url}/second` }, 'k').expect(200);
    await deliverDue(server);
    expect(paths().sort()).toEqual(['/first', '/hook', '/second']);
  });

  test('sends to the new address although the old one already got the event', async () => {
    await trigger({ callback_url: `${receiver.url}/first` }, 'k').expect(200);
    await server.advance(5000);
    await deliverDue(server);
    await trigger({ callback_url: `${receiver.url}/second` }, 'k').expect(200);
    await deliverDue(server);
    expect(paths()).toEqual(['/first', '/second']);
  });
});

test.each([
  ['a number', 5],
  ['no address', 'call me'],
  ['another scheme', 'ftp://example.com/'],
  ['a user name', 'https://user:secret@example.com/'],
  ['3,000 characters', `https://example.com/${'x'.repeat(3000)}`],
])('%s is refused at its place, and nothing is dialled', async (_name, value) => {
  const reply = await trigger({ callback_url: value }).expect(422);
  expect(reply.body).toMatchObject({ detail: [{ loc: ['body', 'callback_url'], input: null }] });
  const runs = await server.request
    .get(`/api/v1/workflow/${String(agent.id)}/runs`)
    .set('X-API-Key', account.apiKey)
    .expect(200);
  expect(runs.body).toMatchObject({ total_count: 0 });
});

test.each(['', 'idempotency-key,hooks'])(
  'where the extension is off the field is ignored, whatever it is (EXTENSIONS=%s)',
  async (extensions) => {
    const plain = await startTestServer({ ...receiversAllowed, EXTENSIONS: extensions });
    try {
      const ready = await readyToCall(plain);
      for (const value of [receiver.url, 5, 'http://10.0.0.1/']) {
        await plain.request
          .post(`/api/v1/public/agent/${ready.agent.triggerPath}`)
          .set('X-API-Key', ready.account.apiKey)
          .send({ phone_number: '+14155550100', callback_url: value })
          .expect(200);
      }
      await plain.advance(5000);
      await deliverDue(plain);
      expect(receiver.requests).toHaveLength(0);
    } finally {
      await plain.close();
    }
  },
);
