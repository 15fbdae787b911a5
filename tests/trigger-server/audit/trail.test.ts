/** GET /organizations/audit: what it holds, how it is filtered, and that it cannot be changed. */
import type { AuditEntry, AuditPage } from '@dograh-trigger/shared';
import { sql } from 'kysely';
import { recordAudit, recordFailedSignIn } from '../../../trigger-server/src/audit/audit';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';

let server: TestServer;
let account: Account;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  account = await server.signUp();
});

async function page(query = ''): Promise<AuditPage> {
  const reply = await server.request
    .get(`/api/v1/organizations/audit${query}`)
    .set('X-API-Key', account.apiKey)
    .expect(200);
  return reply.body as AuditPage;
}

const entries = async (query = ''): Promise<AuditEntry[]> => (await page(query)).entries;

function byUser() {
  const { organizationId, userId } = account;
  return { organizationId, userId, apiKeyId: null, requestId: null };
}

async function createKey(credentials: Record<string, string>): Promise<number> {
  const reply = await server.request
    .post('/api/v1/user/api-keys')
    .set(credentials)
    .send({ name: 'new' })
    .expect(200);
  return (reply.body as { id: number }).id;
}

test('an entry says what was done, when, and by which user or key', async () => {
  const ofUser = await createKey({ Authorization: `Bearer ${account.token}` });
  const ofKey = await createKey({ 'X-API-Key': account.apiKey });
  const common = {
    at: server.clock.now().toISOString(),
    action: 'api_key.created',
    changed: [],
    command: null,
  };
  expect(await entries()).toMatchObject([
    { ...common, subject_id: String(ofKey), user: null, key: { name: 'test' } },
    { ...common, subject_id: String(ofUser), user: { id: account.userId }, key: null },
  ]);
});

test('a change that fails leaves no entry', async () => {
  await server.request
    .delete('/api/v1/user/api-keys/2147483647')
    .set('X-API-Key', account.apiKey)
    .expect(404);
  expect(await entries()).toEqual([]);
});

test('another organization has a trail of its own', async () => {
  await createKey({ 'X-API-Key': account.apiKey });
  account = await server.signUp();
  expect(await entries()).toEqual([]);
});

test('a change of the policy names the rules that have changed, and not their values', async () => {
  const path = '/api/v1/organizations/destination-policy';
  const policy = { blocked_prefixes: ['+1415'], allowed_calling_codes: null };
  await server.request.put(path).set('Authorization', `Bearer ${account.token}`).send(policy).expect(200);
  expect(await entries()).toMatchObject([
    { action: 'destination_policy.changed', changed: ['blocked_prefixes'], subject_id: null },
  ]);
});

test('a sign-in, a failed one and a sign-out are recorded; one to an unknown account is not', async () => {
  const me = await server.request.get('/api/v1/auth/me').set('X-API-Key', account.apiKey).expect(200);
  const { email } = me.body as { email: string };
  const logIn = (name: string, password: string) =>
    server.request.post('/api/v1/auth/login').send({ email: name, password });
  await logIn(email, 'a wrong one').expect(401);
  await logIn('nobody@example.com', 'a wrong one').expect(401);
  const signedIn = await logIn(email, 'correct horse').expect(200);
  const { token } = signedIn.body as { token: string };
  await server.request.post('/api/v1/auth/logout').set('Authorization', `Bearer ${token}`).expect(200);
  await server.storage.quiet();
  const user = { id: account.userId, email };
  expect(await entries()).toMatchObject([
    { action: 'user.signed_out', user },
    { action: 'user.signed_in', user },
    { action: 'user.sign_in_failed', user },
  ]);
});

test('at most 20 failed sign-ins an hour are recorded', async () => {
  const fail = () =>
    server.storage.write((session) => recordFailedSignIn(server.services, session, byUser()));
  for (let time = 0; time < 25; time += 1) await fail();
  expect(await entries()).toHaveLength(20);
  await server.advance(60 * 60 * 1000 + 1);
  await fail();
  expect(await entries()).toHaveLength(21);
});

describe('filters and pages', () => {
  const record = (action: 'agent.created' | 'hook.created', subjectId: number) =>
    server.storage.write((session) => recordAudit(server.services, session, byUser(), { action, subjectId }));
  const subjects = async (query: string) => (await entries(query)).map(({ subject_id }) => subject_id);

  test('pages follow one another without a gap, also when entries are added in between', async () => {
    for (const id of [1, 2, 3]) await record('agent.created', id);
    const first = await page('?limit=2');
    expect(first.entries.map(({ subject_id }) => subject_id)).toEqual(['3', '2']);
    await record('agent.created', 4);
    const second = await page(`?limit=2&before=${String(first.next_before)}`);
    expect(second).toMatchObject({ entries: [{ subject_id: '1' }], next_before: null });
  });

  test('by action, by who did it, and by time', async () => {
    await record('agent.created', 1);
    await server.advance(1000);
    await record('hook.created', 2);
    const now = server.clock.now().toISOString();
    const keyId = await createKey({ 'X-API-Key': account.apiKey });
    expect(await subjects('?action=hook.created')).toEqual(['2']);
    expect(await subjects(`?user_id=${String(account.userId)}`)).toEqual(['2', '1']);
    const [{ key } = { key: null }] = await entries('?limit=1');
    expect(await subjects(`?api_key_id=${String(key?.id)}`)).toEqual([String(keyId)]);
    expect(await subjects(`?since=${now}`)).toEqual([String(keyId), '2']);
    expect(await subjects(`?until=${new Date(Date.parse(now) - 1).toISOString()}`)).toEqual(['1']);
  });

  test('an action that there is not is refused at its place', async () => {
    const reply = await server.request
      .get('/api/v1/organizations/audit?action=nothing')
      .set('X-API-Key', account.apiKey)
      .expect(422);
    expect(reply.body).toMatchObject({ detail: [{ loc: ['query', 'action'] }] });
  });
});

test.each([
  ['change', sql`update audit set action = 'agent.created'`],
  ['delete', sql`delete from audit`],
])('the database refuses to %s an entry', async (_verb, statement) => {
  await createKey({ 'X-API-Key': account.apiKey });
  const before = await entries();
  const changing = server.storage.write((session) => session.run(statement.compile(session.builder)));
  await expect(changing).rejects.toThrow('neither changed nor deleted');
  expect(await entries()).toEqual(before);
});
