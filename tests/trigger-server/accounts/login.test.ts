/** The documented statuses of `POST /auth/login`. */
import { Worker } from 'node:worker_threads';
import { createAccount } from '../../../trigger-server/src/accounts/organizations';
import type { HashRequest } from '../../../trigger-server/src/accounts/sign-in/hashing-thread';
import { startTestServer, type TestServer } from '../../support/test-server';

let server: TestServer;
let user: object;
const email = 'ann@example.com';
const password = 'correct horse';

beforeAll(async () => {
  server = await startTestServer();
  const reply = await server.request
    .post('/api/v1/auth/signup')
    .send({ email, password, name: 'Ann' })
    .expect(200);
  user = (reply.body as { user: object }).user;
  await server.services.storage.write((session) =>
    createAccount(server.services, session, { email: 'nologin@example.com', passwordHash: null, name: null }),
  );
});
afterAll(() => server.close());
afterEach(() => jest.restoreAllMocks());

function logIn(json: object) {
  return server.request.post('/api/v1/auth/login').send(json);
}

describe('200', () => {
  test.each([email, 'ANN@Example.COM'])('%s gets a token and the user', async (spelling) => {
    const reply = await logIn({ email: spelling, password }).expect(200);
    expect(reply.body).toEqual({ token: expect.any(String) as string, user });
  });

  test('a token that is used is good for 720 hours and no longer', async () => {
    const { token } = (await logIn({ email, password }).expect(200)).body as { token: string };
    const me = () => server.request.get('/api/v1/auth/me').set('Authorization', `Bearer ${token}`);
    for (let hours = 0; hours < 720; hours += 10) {
      await me().expect(200);
      await server.advance(10 * 60 * 60 * 1000);
    }
    const late = await me().expect(401);
    expect(late.body).toMatchObject({ detail: 'Invalid or expired token' });
  });
});

describe('401', () => {
  test.each([
    ['a wrong password', { email, password: 'wrong horse' }],
    ['another case of the password', { email, password: 'Correct Horse' }],
    ['an empty password', { email, password: '' }],
    ['an unknown e-mail', { email: 'nobody@example.com', password }],
    ['a user without a password', { email: 'nologin@example.com', password: '' }],
  ])('%s is refused in the same words', async (_name, credentials) => {
    const reply = await logIn(credentials).expect(401);
    expect(reply.body).toMatchObject({ detail: 'Invalid email or password' });
  });

  test('an unknown e-mail costs the same hash as a wrong password, so that the time reveals nothing', async () => {
    const asked = jest.spyOn(Worker.prototype, 'postMessage');
    const costs = async (credentials: object) => {
      asked.mockClear();
      await logIn(credentials).expect(401);
      return asked.mock.calls.map(([hashing]) => {
        const { keyBytes, options } = hashing as HashRequest;
        return [keyBytes, options];
      });
    };
    const ofWrongPassword = await costs({ email, password: 'wrong horse' });
    expect(ofWrongPassword).toHaveLength(1);
    expect(await costs({ email: 'nobody@example.com', password })).toEqual(ofWrongPassword);
    expect(await costs({ email: 'nologin@example.com', password })).toEqual(ofWrongPassword);
  });
});

describe('422', () => {
  test.each([
    ['a missing password', { email }, 'password'],
    ['a password that is a number', { email, password: 12345678 }, 'password'],
    ['a missing e-mail', { password }, 'email'],
    ['an e-mail with a NUL', { email: 'ann\0@example.com', password }, 'email'],
    ['a password of 1,025 characters', { email, password: 'x'.repeat(1025) }, 'password'],
  ])('%s is refused at its place', async (_name, credentials, place) => {
    const reply = await logIn(credentials).expect(422);
    expect((reply.body as { detail: { loc: string[] }[] }).detail.map((item) => item.loc)).toEqual([
      ['body', place],
    ]);
  });
});

test('after five wrong passwords even the right one is refused for a second, and accepted afterwards', async () => {
  const guess = () => logIn({ email, password: 'wrong' });
  await logIn({ email, password }).expect(200);
  for (let time = 0; time < 6; time += 1) await guess().expect(401);
  const refused = await logIn({ email, password }).expect(429);
  expect(refused.headers['retry-after']).toBe('1');
  expect(refused.body).toEqual({
    detail: 'Too many wrong passwords; try again in 1 seconds',
    code: 'busy',
  });
  await server.advance(1000);
  await logIn({ email, password }).expect(200);
  await guess().expect(401);
  await logIn({ email, password }).expect(200);
});
