import { readyToCall } from '../../support/agents';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import { completeCall, listDeliveries } from '../../support/webhooks';
import { send, testStatuses, type Ask } from './documented';

let server: TestServer;
let account: Account;
/** An account of an organization whose secret was encrypted with another SECRETS_KEY. */
let unreadable: Account;
/** The id of a delivery that no receiver has accepted yet. */
let deliveryId: string;
beforeAll(async () => {
  server = await startTestServer({ ALLOWED_PRIVATE_TARGETS: '127.0.0.1' });
  const ready = await readyToCall(server);
  account = ready.account;
  await subscribe(account, 'https://example.com/calls');
  await completeCall(server, account, ready.agent);
  deliveryId = (await listDeliveries(server, account))[0]?.id ?? '';
  unreadable = await server.signUp();
  await subscribe(unreadable, 'https://example.com/calls');
  await spoilSecret(unreadable);
});
afterAll(() => server.close());

async function subscribe({ apiKey }: Account, target_url: string): Promise<number> {
  const reply = await server.request
    .post('/api/v1/hooks')
    .set('X-API-Key', apiKey)
    .send({ target_url, event: 'call.completed' })
    .expect(200);
  return (reply.body as { id: number }).id;
}

async function spoilSecret({ organizationId }: Account): Promise<void> {
  await server.services.storage.write((session) =>
    session.run(
      session.builder
        .updateTable('webhook_secrets')
        .set({ secret: 'v1.c2VhbGVkIHVuZGVyIGFub3RoZXIga2V5IQ' })
        .where('organization_id', '=', organizationId)
        .compile(),
    ),
  );
}

let counter = 0;
const newHook = () => ({ target_url: `https://example.com/${(counter += 1)}`, event: 'call.completed' });

const ask = (path: string, body?: object, by = account): Ask => ({
  path,
  apiKey: by.apiKey,
  ...(body === undefined ? {} : { body }),
});

/** No server listens on this port, so the test does not have to wait for a reply. */
const closedPort = 'http://127.0.0.1:9/calls';

const secret = '/organizations/webhook-secret';
const deliveries = '/webhook-deliveries';
const nobody = '00000000-0000-4000-8000-000000000000';

testStatuses(__filename, () => server, {
  'POST /hooks': {
    200: () => ask('/hooks', newHook()),
    404: () => ask('/hooks', { ...newHook(), workflow_uuid: nobody }),
    409: async () => {
      const full = await server.signUp();
      await Promise.all(
        Array.from({ length: 200 }, (_, index) => subscribe(full, `https://example.com/full/${index}`)),
      );
      return ask('/hooks', newHook(), full);
    },
    503: () => ask('/hooks', newHook(), unreadable),
  },
  'GET /hooks': { 200: () => ask('/hooks') },
  'DELETE /hooks/{hook_id}': {
    200: async () => ask(`/hooks/${await subscribe(account, newHook().target_url)}`),
    404: () => ask('/hooks/999999'),
  },
  'POST /hooks/{hook_id}/test': {
    200: async () => ask(`/hooks/${await subscribe(account, closedPort)}/test`),
    404: () => ask('/hooks/999999/test'),
    429: async () => {
      const impatient = await server.signUp();
      const test = ask(`/hooks/${await subscribe(impatient, closedPort)}/test`, undefined, impatient);
      await send(server, 'POST', test);
      return test;
    },
  },
  [`GET ${secret}`]: { 200: () => ask(secret), 503: () => ask(secret, undefined, unreadable) },
  [`POST ${secret}`]: { 200: () => ask(secret) },
  [`GET ${deliveries}`]: { 200: () => ask(deliveries), 422: () => ask(`${deliveries}?status=lost`) },
  [`POST ${deliveries}/redeliver`]: {
    200: () => ask(`${deliveries}/redeliver`, { since: '2026-11-23T12:00:00Z', dry_run: true }),
    404: () => ask(`${deliveries}/redeliver`, { since: '2026-11-23T12:00:00Z', hook_id: 999_999 }),
  },
  [`GET ${deliveries}/{delivery_id}`]: {
    200: () => ask(`${deliveries}/${deliveryId}`),
    404: () => ask(`${deliveries}/${nobody}`),
  },
  [`POST ${deliveries}/{delivery_id}/redeliver`]: {
    202: () => ask(`${deliveries}/${deliveryId}/redeliver`),
    404: () => ask(`${deliveries}/${nobody}/redeliver`),
  },
});
