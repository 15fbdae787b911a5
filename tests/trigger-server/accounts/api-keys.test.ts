/** The documented statuses of the routes for API keys. */
import { createApiKey, hashApiKey } from '../../../trigger-server/src/accounts/api-keys';
import { createAgent } from '../../support/agents';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';

interface CreatedKey {
  id: number;
  name: string;
  key_prefix: string;
  api_key: string;
  created_at: string;
}

interface ListedKey {
  id: number;
  is_active: boolean;
  last_used_at: string | null;
  archived_at: string | null;
}

let server: TestServer;
let account: Account;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  account = await server.signUp();
});

const authorization = () => `Bearer ${account.token}`;

function create(json: object | string) {
  return server.request
    .post('/api/v1/user/api-keys')
    .set('Authorization', authorization())
    .set('Content-Type', 'application/json')
    .send(json);
}

async function createKey(name = 'a key'): Promise<CreatedKey> {
  return (await create({ name }).expect(200)).body as CreatedKey;
}

async function list(query = ''): Promise<ListedKey[]> {
  const reply = await server.request
    .get(`/api/v1/user/api-keys${query}`)
    .set('Authorization', authorization())
    .expect(200);
  return reply.body as ListedKey[];
}

async function find(id: number): Promise<ListedKey | undefined> {
  return (await list('?include_archived=true')).find((key) => key.id === id);
}

function archive(id: number | string) {
  return server.request.delete(`/api/v1/user/api-keys/${String(id)}`).set('Authorization', authorization());
}

function reactivate(id: number | string) {
  return server.request
    .put(`/api/v1/user/api-keys/${String(id)}/reactivate`)
    .set('Authorization', authorization());
}

function use(key: string) {
  return server.request.get('/api/v1/user/auth/user').set('X-API-Key', key);
}

test('a key is stored as the hex SHA-256 of the whole key, and shown by its first 8 characters', async () => {
  // The expected value is Dograh's hash of this key (`api/utils/api_key.py` uses SHA-256).
  const key = `dgr_${'A'.repeat(43)}`;
  expect(hashApiKey(key)).toBe('5e44fff5e84c311f405e588e8f50fd6bbb6da04879344401ab706b9542550152');
  const { organizationId, userId } = account;
  const created = await server.services.storage.write((session) =>
    createApiKey(server.services, session, { organizationId, userId, name: 'vector', key }),
  );
  expect(created.prefix).toBe('dgr_AAAA');
  await use(key).expect(200);
});

describe('POST 200', () => {
  test('replies with exactly five keys, one of them the key itself, which works', async () => {
    const created = await createKey('n8n');
    expect(created).toEqual({
      id: expect.any(Number) as number,
      name: 'n8n',
      key_prefix: created.api_key.slice(0, 8),
      api_key: expect.stringMatching(/^dgr_[A-Za-z0-9_-]{43}$/) as string,
      created_at: server.clock.now().toISOString(),
    });
    await use(created.api_key).expect(200);
  });

  test('a key can mint another key, also of the same name', async () => {
    const minted = await server.request
      .post('/api/v1/user/api-keys')
      .set('X-API-Key', account.apiKey)
      .send({ name: 'test' })
      .expect(200);
    expect((minted.body as CreatedKey).api_key).not.toBe(account.apiKey);
  });

  test('neither the database nor the log holds the key', async () => {
    const { api_key } = await createKey('a name to look for');
    await use(api_key).expect(200);
    const stored = await server.storedText();
    expect(stored).toContain('a name to look for');
    expect(stored).not.toContain(api_key);
    expect(server.logLines.join('')).not.toContain(api_key);
  });
});

describe('GET 200', () => {
  test('lists the properties of a key, never the key or its hash', async () => {
    const created = await createKey('listed');
    expect((await list()).find((key) => key.id === created.id)).toEqual({
      id: created.id,
      name: 'listed',
      key_prefix: created.key_prefix,
      is_active: true,
      created_at: created.created_at,
      last_used_at: null,
      archived_at: null,
      created_by: account.userId,
      scope: 'admin',
      agents: null,
      expires_at: null,
    });
  });

  test('archived keys are listed only on request, in the spellings of true that Dograh takes', async () => {
    const { id } = await createKey();
    await archive(id).expect(200);
    const shows = async (query: string) => (await list(query)).some((key) => key.id === id);
    expect(await shows('')).toBe(false);
    expect(await shows('?include_archived=false')).toBe(false);
    for (const spelling of ['true', 'True', '1'])
      expect(await shows(`?include_archived=${spelling}`)).toBe(true);
  });

  test('last_used_at is written on use, at most once a minute', async () => {
    const { id, api_key } = await createKey();
    const lastUse = async () => {
      // No request waits for this write.
      await server.storage.quiet();
      return (await find(id))?.last_used_at;
    };
    expect(await lastUse()).toBeNull();

    await use(api_key).expect(200);
    const first = server.clock.now().toISOString();
    expect(await lastUse()).toBe(first);

    await server.advance(59_999);
    await use(api_key).expect(200);
    expect(await lastUse()).toBe(first);

    await server.advance(1);
    await use(api_key).expect(200);
    expect(await lastUse()).toBe(server.clock.now().toISOString());
  });
});

describe('the limits of a key', () => {
  const inAnHour = () => new Date(server.clock.now().getTime() + 3_600_000);

  test('scope, agents and expiry are kept and listed', async () => {
    const agent = await createAgent(server, account);
    const expires_at = inAnHour().toISOString();
    const limits = { scope: 'trigger', agents: [agent.id], expires_at };
    const reply = await create({ name: 'limited', ...limits }).expect(200);
    expect(await find((reply.body as CreatedKey).id)).toMatchObject(limits);
  });

  test('an expired key is refused like an archived one, on every kind of route', async () => {
    const expiresAt = inAnHour();
    const reply = await create({ name: 'short', expires_at: expiresAt.toISOString() }).expect(200);
    const { api_key } = reply.body as CreatedKey;
    await server.advance(3_600_000 - 1);
    await use(api_key).expect(200);
    await server.advance(1);
    expect((await use(api_key).expect(401)).body).toMatchObject({ detail: 'Invalid or expired API key' });
    const trigger = server.request.post('/api/v1/public/agent/none').set('X-API-Key', api_key);
    expect((await trigger.send({}).expect(401)).body).toMatchObject({ detail: 'Invalid API key' });
  });

  test.each([
    ['a scope that there is not', { scope: 'all' }, 'scope'],
    ['agents without the scope trigger', { agents: [1] }, 'agents'],
    ['an agent that there is not', { scope: 'trigger', agents: [2147483647] }, 'agents'],
    ['no agent at all', { scope: 'trigger', agents: [] }, 'agents'],
    ['an expiry in the past', { expires_at: '2020-01-01T00:00:00Z' }, 'expires_at'],
    ['an expiry without a zone', { expires_at: '2099-01-01T00:00:00' }, 'expires_at'],
  ])('%s is refused at its place, and no key is made', async (_name, limits, place) => {
    const before = await list();
    const reply = await create({ name: 'x', ...limits }).expect(422);
    expect(reply.body).toMatchObject({ detail: [{ loc: ['body', place] }] });
    expect(await list()).toEqual(before);
  });

  test('an agent of another organization is none', async () => {
    const foreign = await createAgent(server, await server.signUp());
    await create({ name: 'x', scope: 'trigger', agents: [foreign.id] }).expect(422);
  });
});

describe('DELETE 200', () => {
  test('an archived key stops at once, though it was used a moment before', async () => {
    const { id, api_key } = await createKey();
    await use(api_key).expect(200);
    const reply = await archive(id).expect(200);
    expect(reply.body).toEqual({ success: true, message: 'API key archived successfully' });
    await use(api_key).expect(401);
    expect(await find(id)).toMatchObject({ is_active: false, archived_at: server.clock.now().toISOString() });
  });

  test('archiving again is no error, and moves archived_at', async () => {
    const { id } = await createKey();
    await archive(id).expect(200);
    await server.advance(1000);
    await archive(id).expect(200);
    expect((await find(id))?.archived_at).toBe(server.clock.now().toISOString());
  });

  test('a key may archive itself', async () => {
    const { id, api_key } = await createKey();
    await server.request
      .delete(`/api/v1/user/api-keys/${String(id)}`)
      .set('X-API-Key', api_key)
      .expect(200);
    await use(api_key).expect(401);
  });
});

describe('PUT 200', () => {
  test('a reactivated key works again at once', async () => {
    const { id, api_key } = await createKey();
    await archive(id).expect(200);
    const reply = await reactivate(id).expect(200);
    expect(reply.body).toEqual({ success: true, message: 'API key reactivated successfully' });
    await use(api_key).expect(200);
    expect(await find(id)).toMatchObject({ is_active: true, archived_at: null });
  });
});

describe('404', () => {
  test.each(['2147483647', '2147483648', '99999999999999999999', 'abc', '-1', '1.5'])(
    'there is no key %s to archive or reactivate',
    async (id) => {
      expect((await archive(id).expect(404)).body).toMatchObject({ detail: 'API key not found' });
      expect((await reactivate(id).expect(404)).body).toMatchObject({ detail: 'API key not found' });
    },
  );
});

describe('401', () => {
  test.each([
    ['GET', () => server.request.get('/api/v1/user/api-keys')],
    ['POST', () => server.request.post('/api/v1/user/api-keys').send({ name: 'x' })],
    ['DELETE', () => server.request.delete('/api/v1/user/api-keys/1')],
    ['PUT', () => server.request.put('/api/v1/user/api-keys/1/reactivate')],
  ])('%s is for members only', async (_method, send) => {
    expect((await send().expect(401)).body).toMatchObject({ detail: 'Authorization header required' });
  });
});

describe('422', () => {
  test.each([
    ['a missing name', {}],
    ['a name that is a number', { name: 5 }],
    ['a name with a NUL', { name: 'a\0b' }],
    ['a name with a lone surrogate', '{"name":"\\udfff"}'],
    ['a name of 256 characters', { name: 'x'.repeat(256) }],
  ])('%s is refused at its place', async (_name, json: object | string) => {
    const reply = await create(json).expect(422);
    expect((reply.body as { detail: { loc: string[] }[] }).detail.map((item) => item.loc)).toEqual([
      ['body', 'name'],
    ]);
  });

  test('a filter that is neither true nor false is refused at its place', async () => {
    const reply = await server.request
      .get('/api/v1/user/api-keys?include_archived=perhaps')
      .set('Authorization', authorization())
      .expect(422);
    expect(reply.body).toMatchObject({ detail: [{ loc: ['query', 'include_archived'], input: 'perhaps' }] });
  });
});
