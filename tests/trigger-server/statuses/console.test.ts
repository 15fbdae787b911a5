import { createAccount } from '../../../trigger-server/src/accounts/organizations';
import { createSignInLink } from '../../../trigger-server/src/accounts/sign-in-links';
import { emailOf, ofOwnPage, usualPassword } from '../../support/browser-session';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import { testStatuses } from './documented';

let server: TestServer;
let account: Account;
let email: string;
/** A user without a password. */
let demoUser: { userId: number };
beforeAll(async () => {
  server = await startTestServer();
  account = await server.signUp();
  email = await emailOf(server, account.apiKey);
  demoUser = await server.services.storage.write((session) =>
    createAccount(server.services, session, { email: 'demo@example.com', passwordHash: null, name: null }),
  );
});
afterAll(() => server.close());

const path = '/console/session';
const byLink = `${path}/link`;
const headers = ofOwnPage;
const stranger = { 'Sec-Fetch-Site': 'cross-site' };
const credentials = { email: 'jane@example.com', password: 'at least 8 characters' };

function link({ userId }: { userId: number }): Promise<string> {
  return server.services.storage.write((session) => createSignInLink(server.services, session, userId));
}

testStatuses(__filename, () => server, {
  'GET /console/session': {
    200: () => ({ path, token: account.token }),
    400: () => ({ path, apiKey: account.apiKey }),
  },
  'POST /console/session': {
    200: () => ({ path, headers, body: { email, password: usualPassword } }),
    401: () => ({ path, headers, body: { email, password: 'wrong' } }),
    403: () => ({ path, headers: stranger, body: { email, password: usualPassword } }),
    429: async () => {
      const body = { email: 'guessed@example.com', password: 'wrong' };
      const guess = () => server.request.post(`/api/v1${path}`).set(headers).send(body).expect(401);
      await Promise.all(Array.from({ length: 6 }, guess));
      return { path, headers, body };
    },
  },
  'POST /console/session/link': {
    200: async () => ({ path: byLink, headers, body: { token: await link(account) } }),
    401: () => ({ path: byLink, headers, body: { token: 'unknown' } }),
    403: async () => ({ path: byLink, headers: stranger, body: { token: await link(account) } }),
    409: async () => ({
      path: byLink,
      headers,
      body: { ...credentials, token: await link(demoUser), email },
    }),
    422: async () => ({ path: byLink, headers, body: { token: await link(demoUser) } }),
    429: { because: 'It takes a flood: tests/hostile/long/login-flood.test.ts.' },
  },
  'GET /console/events': {
    200: { because: 'The reply does not end: tests/trigger-server/console/events.test.ts.' },
    401: () => ({ path: '/console/events' }),
    429: { because: 'It takes 20 open streams: tests/trigger-server/console/events.test.ts.' },
    503: { because: 'It takes a server that stops: tests/trigger-server/console/events.test.ts.' },
  },
});
