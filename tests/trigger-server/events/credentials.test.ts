/** Stored credentials: every type reaches the receiver, and the API never shows one. */
import type { JsonObject, WebhookCredential } from '@dograh-trigger/shared';
import { createAgent, createSandbox, definitionWith } from '../../support/agents';
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

const path = '/api/v1/credentials/';

let server: TestServer;
let receiver: Receiver;
let account: Account;

beforeAll(async () => {
  server = await startTestServer(receiversAllowed);
});
beforeEach(async () => {
  receiver = await startReceiver();
  account = await server.signUp();
  await createSandbox(server, account);
});
afterEach(() => receiver.close());
afterAll(() => server.close());

function post(body: object) {
  return server.request.post(path).set('X-API-Key', account.apiKey).send(body);
}

async function store(type: string, data: JsonObject, name = 'CRM'): Promise<WebhookCredential> {
  const reply = await post({ name, credential_type: type, credential_data: data }).expect(200);
  return reply.body as WebhookCredential;
}

function put(uuid: string, body: object) {
  return server.request.put(`${path}${uuid}`).set('X-API-Key', account.apiKey).send(body);
}

/** The headers of an event that a node with this credential sends. */
async function headersWith(uuid: string) {
  const definition = definitionWith();
  const data = { name: 'Tell', endpoint_url: receiver.url, credential_uuid: uuid };
  const nodes = [...definition.nodes, { id: 'hook', type: 'webhook', data }];
  const agent = await createAgent(server, account, { ...definition, nodes });
  await completeCall(server, account, agent);
  await deliverDue(server);
  return receiver.requests.at(-1)!.headers;
}

test.each<[string, JsonObject, string, string | undefined]>([
  ['none', {}, 'authorization', undefined],
  ['bearer_token', { token: 't0ken' }, 'authorization', 'Bearer t0ken'],
  ['api_key', { api_key: 'k3y' }, 'x-api-key', 'k3y'],
  ['api_key', { api_key: 'k3y', header_name: 'X-CRM-Key' }, 'x-crm-key', 'k3y'],
  [
    'basic_auth',
    { username: 'jane', password: 'pä:ss' },
    'authorization',
    `Basic ${Buffer.from('jane:pä:ss').toString('base64')}`,
  ],
  ['custom_header', { header_name: 'X-Gate', header_value: 'open' }, 'x-gate', 'open'],
])('%s %j is sent as the header %s', async (type, data, name, value) => {
  const { uuid } = await store(type, data);
  expect((await headersWith(uuid))[name]).toBe(value);
});

test('secrets are in no reply, and not unencrypted in the database', async () => {
  const created = await store('bearer_token', { token: 's3cret-token' });
  expect(created).toEqual({
    uuid: created.uuid,
    name: 'CRM',
    description: null,
    credential_type: 'bearer_token',
    created_at: server.clock.now().toISOString(),
    updated_at: null,
  });
  const read = await server.request
    .get(`${path}${created.uuid}`)
    .set('X-API-Key', account.apiKey)
    .expect(200);
  expect(read.body).toEqual(created);
  for (const address of [path, path.slice(0, -1)]) {
    const list = await server.request.get(address).set('X-API-Key', account.apiKey).expect(200);
    expect(list.body).toEqual([created]);
  }
  const { read: session } = server.services.storage;
  const rows = await session.run(session.builder.selectFrom('webhook_credentials').selectAll().compile());
  expect(JSON.stringify(rows.rows)).not.toContain('s3cret');
});

test('an attempt shows under which header a credential was sent, and not its value', async () => {
  const { uuid } = await store('custom_header', { header_name: 'X-Gate', header_value: 's3cret-value' });
  expect((await headersWith(uuid))['x-gate']).toBe('s3cret-value');
  const [delivery] = await listDeliveries(server, account);
  const shown = await readDelivery(server, account, delivery!.id);
  expect(shown.attempts[0]!.sent_headers).toMatchObject({ 'x-gate': '********' });
  const { read: session } = server.services.storage;
  const rows = await session.run(session.builder.selectFrom('webhook_attempts').selectAll().compile());
  expect(JSON.stringify([shown, rows.rows])).not.toContain('s3cret');
});

test('a change of the name keeps the secret, and the next attempt sends a changed one', async () => {
  const { uuid } = await store('bearer_token', { token: 'one' });
  const renamed = await put(uuid, { name: 'Sales CRM', description: 'of the team' }).expect(200);
  expect(renamed.body).toMatchObject({ name: 'Sales CRM', description: 'of the team' });
  expect((await headersWith(uuid)).authorization).toBe('Bearer one');
  receiver.status = 500;
  await headersWith(uuid);
  await put(uuid, { credential_data: { token: 'two' } }).expect(200);
  await server.advance(60_000);
  await deliverDue(server);
  expect(receiver.requests.at(-1)!.headers.authorization).toBe('Bearer two');
});

test('a new type requires new data', async () => {
  const { uuid } = await store('bearer_token', { token: 'one' });
  const reply = await put(uuid, { credential_type: 'api_key' }).expect(422);
  expect(reply.body).toMatchObject({ detail: [{ loc: ['body', 'credential_data', 'api_key'] }] });
  await put(uuid, { credential_type: 'api_key', credential_data: { api_key: 'k' } }).expect(200);
  expect((await headersWith(uuid))['x-api-key']).toBe('k');
});

test('once it is deleted, the event goes out without it, as from Dograh', async () => {
  const { uuid } = await store('bearer_token', { token: 'one' });
  const reply = await server.request.delete(`${path}${uuid}`).set('X-API-Key', account.apiKey).expect(200);
  expect(reply.body).toEqual({ status: 'deleted', uuid });
  expect(await headersWith(uuid)).not.toHaveProperty('authorization');
  await server.request.get(`${path}${uuid}`).set('X-API-Key', account.apiKey).expect(404);
});

test('a name is unique within an organization', async () => {
  await store('none', {}, 'A');
  const { uuid } = await store('none', {}, 'B');
  const taken = { code: 'conflict', detail: "A credential with the name 'A' already exists" };
  expect((await post({ name: 'A', credential_type: 'none', credential_data: {} }).expect(409)).body).toEqual(
    taken,
  );
  expect((await put(uuid, { name: 'A' }).expect(409)).body).toEqual(taken);
});

test.each<[string, string, JsonObject, string]>([
  ['an unknown type', 'oauth', {}, 'credential_type'],
  ['a missing token', 'bearer_token', {}, 'credential_data'],
  ['a token with a line break', 'bearer_token', { token: 'a\r\nX-Evil: 1' }, 'credential_data'],
  [
    'a header that is the connection’s',
    'custom_header',
    { header_name: 'Host', header_value: 'x' },
    'credential_data',
  ],
  [
    'a header that says who sends',
    'custom_header',
    { header_name: 'webhook-id', header_value: 'x' },
    'credential_data',
  ],
  ['a user name with a colon', 'basic_auth', { username: 'a:b', password: 'x' }, 'credential_data'],
])('%s is refused at its place, without being repeated', async (_name, type, data, place) => {
  const reply = await post({ name: 'X', credential_type: type, credential_data: data }).expect(422);
  expect(reply.body).toMatchObject({ detail: [{ input: null }] });
  expect((reply.body as { detail: { loc: string[] }[] }).detail[0]?.loc.slice(0, 2)).toEqual(['body', place]);
});

test('another organization can neither see, change, delete nor use it', async () => {
  const { uuid } = await store('bearer_token', { token: 'mine' });
  const owner = account;
  account = await server.signUp();
  await createSandbox(server, account);
  const missing = { code: 'not_found', detail: 'Credential not found' };
  expect((await server.request.get(`${path}${uuid}`).set('X-API-Key', account.apiKey)).body).toEqual(missing);
  expect((await put(uuid, { name: 'Stolen' }).expect(404)).body).toEqual(missing);
  expect((await server.request.delete(`${path}${uuid}`).set('X-API-Key', account.apiKey)).body).toEqual(
    missing,
  );
  expect((await server.request.get(path).set('X-API-Key', account.apiKey)).body).toEqual([]);
  expect(await headersWith(uuid)).not.toHaveProperty('authorization');
  account = owner;
  expect((await headersWith(uuid)).authorization).toBe('Bearer mine');
});
