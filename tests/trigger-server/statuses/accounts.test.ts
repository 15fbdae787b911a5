import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import { testStatuses } from './documented';

let server: TestServer;
let closedServer: TestServer;
let account: Account;
/** An account whose keys cannot create further keys. */
let limited: Account;
beforeAll(async () => {
  server = await startTestServer();
  closedServer = await startTestServer({ SIGNUP_ENABLED: 'false' });
  account = await server.signUp();
  limited = await server.signUp();
  await server.request
    .put('/api/v1/organizations/destination-policy')
    .set('Authorization', `Bearer ${limited.token}`)
    .send({ daily_calls_per_key: 1 })
    .expect(200);
});
afterAll(async () => {
  await server.close();
  await closedServer.close();
});

const jane = { email: 'jane@example.com', password: 'correct horse' };
let people = 0;
const somebody = () => ({ ...jane, email: `somebody${(people += 1)}@example.com` });

async function makeKey(): Promise<number> {
  const reply = await server.request
    .post('/api/v1/user/api-keys')
    .set('X-API-Key', account.apiKey)
    .send({ name: 'Key' })
    .expect(200);
  return (reply.body as { id: number }).id;
}

/** Creates Jane's account if it does not exist yet. */
async function signUpJane(): Promise<void> {
  const reply = await server.request.post('/api/v1/auth/signup').send(jane);
  expect([200, 409]).toContain(reply.status);
}

/** @returns the token of a new session of Jane's, which no other request has ended. */
async function freshToken(): Promise<string> {
  await signUpJane();
  const reply = await server.request.post('/api/v1/auth/login').send(jane).expect(200);
  return (reply.body as { token: string }).token;
}

const keys = '/user/api-keys';

testStatuses(__filename, () => server, {
  'GET /organizations/users': {
    200: () => ({ path: '/organizations/users', apiKey: account.apiKey }),
  },
  'POST /auth/signup': {
    200: () => ({ path: '/auth/signup', body: somebody() }),
    403: () => ({ path: '/auth/signup', body: somebody(), baseUrl: closedServer.baseUrl }),
    409: async () => {
      await signUpJane();
      return { path: '/auth/signup', body: jane };
    },
    429: { because: 'It takes a flood: tests/hostile/long/login-flood.test.ts.' },
  },
  'POST /auth/login': {
    200: async () => {
      await signUpJane();
      return { path: '/auth/login', body: jane };
    },
    401: () => ({ path: '/auth/login', body: { ...jane, password: 'wrong' } }),
    429: async () => {
      const guess = { email: 'guessed@example.com', password: 'wrong' };
      const guesses = Array.from({ length: 6 }, () =>
        server.request.post('/api/v1/auth/login').send(guess).expect(401),
      );
      await Promise.all(guesses);
      return { path: '/auth/login', body: guess };
    },
  },
  'POST /auth/logout': {
    200: async () => ({ path: '/auth/logout', token: await freshToken() }),
    400: () => ({ path: '/auth/logout', apiKey: account.apiKey }),
  },
  'POST /user/password': {
    200: async () => ({
      path: '/user/password',
      token: await freshToken(),
      body: { current_password: jane.password, new_password: jane.password },
    }),
    403: () => ({
      path: '/user/password',
      token: account.token,
      body: { current_password: 'wrong', new_password: jane.password },
    }),
    429: async () => {
      const { token } = await server.signUp();
      const guess = { current_password: 'wrong', new_password: jane.password };
      for (let guesses = 0; guesses < 6; guesses += 1) {
        await server.request
          .post('/api/v1/user/password')
          .set('Authorization', `Bearer ${token}`)
          .send(guess)
          .expect(403);
      }
      return { path: '/user/password', token, body: guess };
    },
  },
  'GET /auth/me': { 200: () => ({ path: '/auth/me', token: account.token }) },
  'GET /user/auth/user': { 200: () => ({ path: '/user/auth/user', apiKey: account.apiKey }) },
  'GET /user/api-keys': {
    200: () => ({ path: keys, apiKey: account.apiKey }),
    422: () => ({ path: `${keys}?include_archived=perhaps`, apiKey: account.apiKey }),
  },
  'POST /user/api-keys': {
    200: () => ({ path: keys, apiKey: account.apiKey, body: { name: 'Key' } }),
    403: () => ({ path: keys, apiKey: limited.apiKey, body: { name: 'Key' } }),
  },
  'DELETE /user/api-keys/{api_key_id}': {
    200: async () => ({ path: `${keys}/${await makeKey()}`, apiKey: account.apiKey }),
    404: () => ({ path: `${keys}/999999`, apiKey: account.apiKey }),
  },
  'PUT /user/api-keys/{api_key_id}/reactivate': {
    200: async () => ({ path: `${keys}/${await makeKey()}/reactivate`, apiKey: account.apiKey }),
    403: () => ({ path: `${keys}/1/reactivate`, apiKey: limited.apiKey }),
    404: () => ({ path: `${keys}/999999/reactivate`, apiKey: account.apiKey }),
  },
});
