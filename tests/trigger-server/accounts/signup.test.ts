/** The documented statuses of `POST /auth/signup`. */
import { countOrganizations } from '../../../trigger-server/src/accounts/organizations';
import { startTestServer, type TestServer } from '../../support/test-server';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ DEFAULT_ORG_CONCURRENCY_LIMIT: '3' });
});
afterAll(() => server.close());

const password = 'correct horse';

function signUp(json: object | string, on: TestServer = server) {
  return on.request.post('/api/v1/auth/signup').set('Content-Type', 'application/json').send(json);
}

describe('200', () => {
  test('replies with a token and the user, whose e-mail is kept in lower case', async () => {
    const reply = await signUp({ email: 'Ann@Example.com', password, name: 'Ann' }).expect(200);
    expect(reply.body).toEqual({
      token: expect.any(String) as string,
      user: {
        id: expect.any(Number) as number,
        email: 'ann@example.com',
        name: 'Ann',
        organization_id: expect.any(Number) as number,
        provider_id: expect.any(String) as string,
      },
    });
  });

  test('the token is good for management routes at once', async () => {
    const { body } = await signUp({ email: 'bob@example.com', password }).expect(200);
    const session = body as { token: string; user: object };
    const me = await server.request
      .get('/api/v1/auth/me')
      .set('Authorization', `Bearer ${session.token}`)
      .expect(200);
    expect(me.body).toEqual(session.user);
  });

  test('a new organization has as many slots as the operator configured', async () => {
    const { organizationId } = await server.signUp();
    const { read } = server.services.storage;
    const { rows } = await read.run(
      read.builder
        .selectFrom('organizations')
        .select('concurrency_limit')
        .where('id', '=', organizationId)
        .compile(),
    );
    expect(rows).toEqual([{ concurrency_limit: 3 }]);
  });

  test('neither the database nor the log holds the password', async () => {
    const secret = 'a password that nobody else has';
    await signUp({ email: 'carol@example.com', password: secret }).expect(200);
    const stored = await server.storedText();
    expect(stored).toContain('carol@example.com');
    expect(stored).not.toContain(secret);
    expect(server.logLines.join('')).not.toContain(secret);
  });
});

describe('403', () => {
  test.each([
    ['switched off', { SIGNUP_ENABLED: 'false' }],
    ['reachable by others', { HOST: '0.0.0.0' }],
    ['published under an address', { PUBLIC_BASE_URL: 'https://calls.example.com' }],
  ])('no account is opened on a server that is %s', async (_name, environment: Record<string, string>) => {
    const closed = await startTestServer(environment);
    try {
      const reply = await signUp({ email: 'dan@example.com', password }, closed).expect(403);
      expect(reply.body).toMatchObject({ detail: 'Signup is disabled' });
      expect(await countOrganizations(closed.services.storage.read)).toBe(0);
    } finally {
      await closed.close();
    }
  });
});

describe('403 behind a proxy or a tunnel, also without PUBLIC_BASE_URL', () => {
  const dan = { email: 'dan@example.com', password };

  test.each([
    ['X-Forwarded-For', '203.0.113.7'],
    ['X-Forwarded-Proto', 'https'],
    ['Forwarded', 'for=203.0.113.7'],
    ['Via', '1.1 proxy'],
    ['Host', 'calls.example.com'],
  ])('a request with %s: %s opens no account, and /health says so', async (name, value) => {
    const before = await countOrganizations(server.services.storage.read);
    const reply = await signUp(dan).set(name, value).expect(403);
    expect(reply.body).toMatchObject({ detail: 'Signup is disabled' });
    expect(await countOrganizations(server.services.storage.read)).toBe(before);
    const health = await server.request.get('/api/v1/health').set(name, value).expect(200);
    expect(health.body).toMatchObject({ signup_enabled: false });
  });

  test('an account can be opened where the operator allows it', async () => {
    const open = await startTestServer({ SIGNUP_ENABLED: 'true' });
    const reply = await signUp(dan, open).set('X-Forwarded-For', '203.0.113.7');
    await open.close();
    expect(reply.status).toBe(200);
  });
});

describe('409', () => {
  test('an e-mail has one account, in whatever case it is written', async () => {
    await signUp({ email: 'eve@example.com', password }).expect(200);
    const reply = await signUp({ email: 'EVE@example.COM', password }).expect(409);
    expect(reply.body).toMatchObject({ detail: 'Email already registered' });
  });

  test('of two sign-ups at once one wins, and the other leaves no organization behind', async () => {
    const before = await countOrganizations(server.services.storage.read);
    const replies = await Promise.all([
      signUp({ email: 'frank@example.com', password }),
      signUp({ email: 'frank@example.com', password }),
    ]);
    expect(replies.map((reply) => reply.status).sort()).toEqual([200, 409]);
    expect(await countOrganizations(server.services.storage.read)).toBe(before + 1);
  });
});

describe('422', () => {
  test.each([
    ['an e-mail that is none', { email: 'nobody', password }, 'email'],
    ['a missing e-mail', { password }, 'email'],
    ['an e-mail that is a number', { email: 5, password }, 'email'],
    ['a missing password', { email: 'gil@example.com' }, 'password'],
    ['a password of seven characters', { email: 'gil@example.com', password: '1234567' }, 'password'],
    ['a name with a NUL', { email: 'gil@example.com', password, name: 'G\0il' }, 'name'],
    [
      'a name with a lone surrogate',
      `{"email":"gil@example.com","password":"${password}","name":"\\ud800"}`,
      'name',
    ],
    ['a name of 256 characters', { email: 'gil@example.com', password, name: 'x'.repeat(256) }, 'name'],
  ])('%s is refused at its place', async (_name, json: object | string, place) => {
    const reply = await signUp(json).expect(422);
    expect((reply.body as { detail: { loc: string[] }[] }).detail.map((item) => item.loc)).toEqual([
      ['body', place],
    ]);
  });

  test('a password that is refused is not sent back', async () => {
    const reply = await signUp({ email: 'hal@example.com', password: 'sesame!' }).expect(422);
    expect(reply.text).not.toContain('sesame!');
  });
});
