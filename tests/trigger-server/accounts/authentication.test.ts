/**
 * Which requests are authenticated, and the messages for the others. Management routes and public trigger routes differ.
 */
import fc from 'fast-check';
import jwt from 'jsonwebtoken';
import { createApiKey } from '../../../trigger-server/src/accounts/api-keys';
import { readToken } from '../../../trigger-server/src/accounts/sign-in/tokens';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';

const unknownKey = `dgr_${'x'.repeat(43)}`;

let server: TestServer;
let account: Account;
let other: Account;
let archivedKey: string;
let keyOfNobody: string;

beforeAll(async () => {
  server = await startTestServer();
  account = await server.signUp();
  other = await server.signUp();
  const created = await server.request
    .post('/api/v1/user/api-keys')
    .set('X-API-Key', account.apiKey)
    .send({ name: 'old' })
    .expect(200);
  const { id, api_key } = created.body as { id: number; api_key: string };
  await server.request
    .delete(`/api/v1/user/api-keys/${String(id)}`)
    .set('X-API-Key', account.apiKey)
    .expect(200);
  archivedKey = api_key;
  const { organizationId } = account;
  const made = await server.services.storage.write((session) =>
    createApiKey(server.services, session, { organizationId, userId: null, name: 'nobody' }),
  );
  keyOfNobody = made.key;
});
afterAll(() => server.close());

function member(headers: Record<string, string>) {
  return server.request.get('/api/v1/user/auth/user').set(headers);
}

function trigger(headers: Record<string, string>) {
  return server.request.post('/api/v1/public/agent/none').set(headers).send({ phone_number: '+14155550100' });
}

interface Claims {
  sub?: string;
  exp?: number;
  jti?: string;
}

/** @returns the session id in the account's own token. */
function sessionId(): string {
  return (jwt.decode(account.token) as { jti: string }).jti;
}

function sign(claims: Claims, options: { key?: string | Buffer; algorithm?: jwt.Algorithm } = {}): string {
  const now = Math.floor(server.clock.now().getTime() / 1000);
  const { key = server.services.secrets.tokenKey, algorithm = 'HS256' } = options;
  return jwt.sign(
    { sub: String(account.userId), jti: sessionId(), iat: now, exp: now + 60, ...claims },
    key,
    { algorithm },
  );
}

function unsigned(header: string, payload: string): string {
  return [header, payload, 'signature'].map((part) => Buffer.from(part).toString('base64url')).join('.');
}

describe('management routes, 200', () => {
  test.each([
    ['an API key', () => ({ 'X-API-Key': account.apiKey })],
    ['a session token', () => ({ Authorization: `Bearer ${account.token}` })],
    ['a session token after "bearer"', () => ({ Authorization: `bearer ${account.token}` })],
    ['a bare session token', () => ({ Authorization: account.token })],
    [
      'a session token beside an empty key',
      () => ({ 'X-API-Key': '', Authorization: `Bearer ${account.token}` }),
    ],
    [
      'an API key beside a bad token',
      () => ({ 'X-API-Key': account.apiKey, Authorization: 'Bearer nonsense' }),
    ],
  ])('%s acts as its user', async (_name, headers) => {
    const reply = await member(headers()).expect(200);
    expect(reply.body).toEqual({ id: account.userId, is_superuser: false });
  });

  test.each([
    ['an API key', () => ({ 'X-API-Key': account.apiKey })],
    ['a session token', () => ({ Authorization: `Bearer ${account.token}` })],
  ])('%s reads its user and organization', async (_name, headers) => {
    const me = await server.request.get('/api/v1/auth/me').set(headers()).expect(200);
    expect(me.body).toEqual({
      id: account.userId,
      email: expect.stringMatching(/@example\.com$/) as string,
      name: null,
      organization_id: account.organizationId,
      provider_id: expect.any(String) as string,
    });
  });
});

describe('management routes, 401', () => {
  test.each([
    ['no header', () => ({}), 'Authorization header required'],
    ['two empty headers', () => ({ 'X-API-Key': '', Authorization: '' }), 'Authorization header required'],
    ['an unknown key', () => ({ 'X-API-Key': unknownKey }), 'Invalid or expired API key'],
    ['an archived key', () => ({ 'X-API-Key': archivedKey }), 'Invalid or expired API key'],
    [
      'the prefix of a key',
      () => ({ 'X-API-Key': account.apiKey.slice(0, 8) }),
      'Invalid or expired API key',
    ],
    [
      'a key in another case',
      () => ({ 'X-API-Key': account.apiKey.toUpperCase() }),
      'Invalid or expired API key',
    ],
    ['a key without a creator', () => ({ 'X-API-Key': keyOfNobody }), 'API key has no associated user'],
    [
      'a bad key beside a good token',
      () => ({ 'X-API-Key': unknownKey, Authorization: `Bearer ${account.token}` }),
      'Invalid or expired API key',
    ],
  ])('%s is refused', async (_name, headers: () => Record<string, string>, detail) => {
    const reply = await member(headers()).expect(401);
    expect(reply.body).toMatchObject({ detail });
  });

  test.each([
    ['nonsense', () => 'nonsense'],
    ['an API key', () => account.apiKey],
    ['signed by another server', () => sign({}, { key: 'another key that is long enough' })],
    ['signed with another algorithm', () => sign({}, { algorithm: 'HS512' })],
    ['not signed', () => sign({}, { key: '', algorithm: 'none' })],
    ['expired', () => sign({ exp: Math.floor(server.clock.now().getTime() / 1000) })],
    ['of nobody', () => sign({ sub: 'nobody' })],
    ['of a user who does not exist here', () => sign({ sub: '2147483647' })],
    ['of no session', () => sign({ jti: undefined })],
    ['of a session that does not exist here', () => sign({ jti: crypto.randomUUID() })],
    ['of another user’s session', () => sign({ sub: String(other.userId) })],
    ['not JSON inside', () => unsigned('{"alg":"HS256","typ":"JWT"}', 'not json')],
  ])('a token that is %s is refused', async (_name, token) => {
    const reply = await member({ Authorization: `Bearer ${token()}` }).expect(401);
    expect(reply.body).toMatchObject({ detail: 'Invalid or expired token' });
  });

  test('the same token with its session is accepted', async () => {
    await member({ Authorization: `Bearer ${sign({})}` }).expect(200);
  });

  test('a text that this server has not signed is never accepted as a token, and never makes the reader throw', () => {
    const header = fc.constantFrom('{"alg":"HS256","typ":"JWT"}', '{"alg":"none"}', '{}', 'null', '[]');
    const forged = fc
      .tuple(header, fc.oneof(fc.json(), fc.string()))
      .map(([head, payload]) => unsigned(head, payload));
    fc.assert(
      fc.property(fc.oneof(fc.string(), forged), (text) => {
        expect(readToken(server.services, text)).toBeNull();
      }),
    );
  });
});

describe('trigger routes, 401', () => {
  test.each([
    ['no key', () => ({}), 'Missing API key'],
    [
      'a session token instead of a key',
      () => ({ Authorization: `Bearer ${account.token}` }),
      'Missing API key',
    ],
    ['an empty key', () => ({ 'X-API-Key': '' }), 'Invalid API key'],
    ['an unknown key', () => ({ 'X-API-Key': unknownKey }), 'Invalid API key'],
    ['an archived key', () => ({ 'X-API-Key': archivedKey }), 'Invalid API key'],
  ])('%s is refused', async (_name, headers: () => Record<string, string>, detail) => {
    const reply = await trigger(headers()).expect(401);
    expect(reply.body).toMatchObject({ detail });
  });
});

describe('trigger routes, 404', () => {
  test('a key without a creator is accepted, and gets 404 for an unknown trigger', async () => {
    const reply = await trigger({ 'X-API-Key': keyOfNobody }).expect(404);
    expect(reply.body).toMatchObject({ detail: 'Agent trigger not found' });
  });
});
