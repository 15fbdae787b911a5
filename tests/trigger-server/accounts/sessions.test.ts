/** A session ends when its user logs out, when the password changes, and when it is idle. */
import { startTestServer, type TestServer } from '../../support/test-server';

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer();
});
afterEach(() => server.close());

const hour = 60 * 60 * 1000;
const email = 'ann@example.com';
const password = 'correct horse';

async function signUp(): Promise<string> {
  const reply = await server.request.post('/api/v1/auth/signup').send({ email, password }).expect(200);
  return (reply.body as { token: string }).token;
}

async function logIn(secret = password, status = 200): Promise<string> {
  const reply = await server.request
    .post('/api/v1/auth/login')
    .send({ email, password: secret })
    .expect(status);
  return (reply.body as { token: string }).token;
}

const as = (token: string) => ({ Authorization: `Bearer ${token}` });

async function isOpen(token: string): Promise<boolean> {
  const { status } = await server.request.get('/api/v1/auth/me').set(as(token));
  expect([200, 401]).toContain(status);
  return status === 200;
}

function change(headers: Record<string, string>, current: string, next: string) {
  return server.request
    .post('/api/v1/user/password')
    .set(headers)
    .send({ current_password: current, new_password: next });
}

async function countSessions(): Promise<number> {
  const { read } = server.services.storage;
  return (await read.run(read.builder.selectFrom('sessions').select('id').compile())).rows.length;
}

describe('POST /auth/logout', () => {
  test('ends this session at once, and no other one', async () => {
    const [first, second] = [await signUp(), await logIn()];
    expect(await isOpen(first)).toBe(true);
    const reply = await server.request.post('/api/v1/auth/logout').set(as(first)).expect(200);
    expect(reply.body).toEqual({ success: true, message: 'Signed out' });
    expect(await isOpen(first)).toBe(false);
    expect(await isOpen(second)).toBe(true);
    await server.request.post('/api/v1/auth/logout').set(as(first)).expect(401);
  });

  test('with an API key there is nothing to end, and the key goes on working', async () => {
    const { apiKey } = await server.signUp();
    const reply = await server.request.post('/api/v1/auth/logout').set('X-API-Key', apiKey).expect(400);
    expect(reply.body).toMatchObject({
      detail: 'There is no session to end: an API key is archived instead',
    });
    await server.request.get('/api/v1/auth/me').set('X-API-Key', apiKey).expect(200);
  });
});

describe('POST /user/password', () => {
  const next = 'battery staple';

  test('changes the password, ends all other sessions of the user and keeps this one', async () => {
    const [here, elsewhere, old] = [await signUp(), await logIn(), await logIn()];
    const stranger = await server.signUp();
    await change(as(here), password, next).expect(200);
    expect(await isOpen(here)).toBe(true);
    expect([await isOpen(elsewhere), await isOpen(old)]).toEqual([false, false]);
    expect(await isOpen(stranger.token)).toBe(true);
    await logIn(password, 401);
    expect(await isOpen(await logIn(next))).toBe(true);
  });

  test('a wrong current password is 403 and changes nothing', async () => {
    const [here, elsewhere] = [await signUp(), await logIn()];
    const reply = await change(as(here), 'wrong horse', next).expect(403);
    expect(reply.body).toMatchObject({ detail: 'The current password is not right' });
    expect([await isOpen(here), await isOpen(elsewhere)]).toEqual([true, true]);
    await logIn(next, 401);
    await logIn();
  });

  test('of two simultaneous changes one succeeds, and the other is refused because the password has changed', async () => {
    const [first, second] = [await signUp(), await logIn()];
    const replies = await Promise.all([
      change(as(first), password, 'first password'),
      change(as(second), password, 'second password'),
    ]);
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 403]);
    expect([await isOpen(first), await isOpen(second)].sort()).toEqual([false, true]);
  });

  test('an API key cannot change a password', async () => {
    const { apiKey } = await server.signUp();
    const reply = await change({ 'X-API-Key': apiKey }, password, next).expect(403);
    expect((reply.body as { detail: string }).detail).toMatch(
      /^An API key cannot change a password: sign in/,
    );
  });

  test('a new password has at least 8 characters', async () => {
    const reply = await change(as(await signUp()), password, 'seven77').expect(422);
    expect(reply.body).toMatchObject({ detail: [{ loc: ['body', 'new_password'] }] });
  });

  test('neither the database nor the log holds it', async () => {
    const secret = 'a password that nobody else has';
    await change(as(await signUp()), password, secret).expect(200);
    const { read } = server.services.storage;
    const { rows } = await read.run(read.builder.selectFrom('users').selectAll().compile());
    expect(JSON.stringify(rows)).toContain('scrypt$');
    expect(JSON.stringify(rows) + server.logLines.join('')).not.toContain(secret);
  });
});

describe('a session that is not used', () => {
  test('ends after 12 idle hours, counted from its last use to the minute', async () => {
    const [used, unused] = [await signUp(), await logIn()];
    await server.advance(11 * hour);
    expect(await isOpen(used)).toBe(true);
    await server.advance(hour);
    expect([await isOpen(used), await isOpen(unused)]).toEqual([true, false]);
    await server.advance(12 * hour - 1);
    expect(await isOpen(used)).toBe(true);
    await server.advance(12 * hour);
    expect(await isOpen(used)).toBe(false);
  });

  test('leaves no row behind once its user signs in again', async () => {
    await signUp();
    await logIn();
    expect(await countSessions()).toBe(2);
    await server.advance(12 * hour);
    await logIn();
    expect(await countSessions()).toBe(1);
  });
});
