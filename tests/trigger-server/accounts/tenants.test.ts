/** Two organizations on one server cannot see, archive or reactivate each other's keys. */
import { startTestServer, type Account, type TestServer } from '../../support/test-server';

interface ListedKey {
  id: number;
  is_active: boolean;
}

let server: TestServer;
let ours: Account;
let theirs: Account;
beforeAll(async () => {
  server = await startTestServer();
  ours = await server.signUp();
  theirs = await server.signUp();
});
afterAll(() => server.close());

async function keysOf(account: Account): Promise<ListedKey[]> {
  const reply = await server.request
    .get('/api/v1/user/api-keys?include_archived=true')
    .set('X-API-Key', account.apiKey)
    .expect(200);
  return reply.body as ListedKey[];
}

async function createKey(account: Account): Promise<{ id: number; api_key: string }> {
  const reply = await server.request
    .post('/api/v1/user/api-keys')
    .set('X-API-Key', account.apiKey)
    .send({ name: 'second' })
    .expect(200);
  return reply.body as { id: number; api_key: string };
}

async function organizationOf(key: string): Promise<number> {
  const me = await server.request.get('/api/v1/auth/me').set('X-API-Key', key).expect(200);
  return (me.body as { organization_id: number }).organization_id;
}

test('each sign-up opens an organization of its own, and a minted key belongs to its minter', async () => {
  expect(ours.organizationId).not.toBe(theirs.organizationId);
  expect(await organizationOf((await createKey(ours)).api_key)).toBe(ours.organizationId);
  expect(await organizationOf((await createKey(theirs)).api_key)).toBe(theirs.organizationId);
});

test('a list holds all keys of the organization and none of another', async () => {
  const created = [(await createKey(ours)).id, (await createKey(ours)).id];
  const foreign = await createKey(theirs);
  const ids = (await keysOf(ours)).map((key) => key.id);
  expect(ids).toEqual(expect.arrayContaining(created));
  expect(ids).not.toContain(foreign.id);
});

test('archiving a key of another organization is 404, and the key goes on working', async () => {
  const foreign = await createKey(theirs);
  const reply = await server.request
    .delete(`/api/v1/user/api-keys/${String(foreign.id)}`)
    .set('X-API-Key', ours.apiKey)
    .expect(404);
  expect(reply.body).toMatchObject({ detail: 'API key not found' });
  expect(await organizationOf(foreign.api_key)).toBe(theirs.organizationId);
});

test('reactivating a key of another organization is 404, and the key stays archived', async () => {
  const foreign = await createKey(theirs);
  const path = `/api/v1/user/api-keys/${String(foreign.id)}`;
  await server.request.delete(path).set('X-API-Key', theirs.apiKey).expect(200);
  const reply = await server.request.put(`${path}/reactivate`).set('X-API-Key', ours.apiKey).expect(404);
  expect(reply.body).toMatchObject({ detail: 'API key not found' });
  expect((await keysOf(theirs)).find((key) => key.id === foreign.id)?.is_active).toBe(false);
});
