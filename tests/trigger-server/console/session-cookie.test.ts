/** The session cookie: who gets it, what it opens, and what a page of another origin cannot do with it. */
import {
  cookieOf,
  emailOf,
  ofOwnPage,
  setCookieOf,
  signInBrowser,
  usualPassword,
  type BrowserSession,
} from '../../support/browser-session';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';

let server: TestServer;
let account: Account;
let email: string;
let browser: BrowserSession;
beforeAll(async () => {
  server = await startTestServer({ TRUST_PROXY: '127.0.0.1' });
  account = await server.signUp();
  email = await emailOf(server, account.apiKey);
  browser = await signInBrowser(server, email);
});
afterAll(() => server.close());

const session = '/api/v1/console/session';
const code = (reply: { body: unknown }) => (reply.body as { code?: string }).code;

describe('signing in', () => {
  test('answers who is signed in, with a cookie that no script reads and no other site sends', async () => {
    const reply = await server.request
      .post(session)
      .set(ofOwnPage)
      .send({ email, password: usualPassword })
      .expect(200);
    expect(reply.body).toEqual({
      user: { id: account.userId, email, name: null },
      organization_id: account.organizationId,
      csrf_token: expect.stringMatching(/^[\w-]{43}$/) as string,
      has_password: true,
      can_reset_password: false,
    });
    expect(reply.headers['set-cookie']).toEqual([
      expect.stringMatching(
        /^dograh-trigger-session=[\w.-]+; Path=\/api\/v1; HttpOnly; SameSite=Strict; Max-Age=2592000$/,
      ),
    ]);
    expect(reply.headers['cache-control']).toBe('no-store');
  });

  test('by https the cookie is Secure and its name says so; by http, a cookie of that name does not count', async () => {
    const reply = await server.request
      .post(session)
      .set({ ...ofOwnPage, 'X-Forwarded-Proto': 'https', 'X-Forwarded-For': '192.0.2.1' })
      .send({ email, password: usualPassword })
      .expect(200);
    expect(setCookieOf(reply)).toMatch(/^__Secure-dograh-trigger-session=.*; Secure;/);
    const secure = { ...ofOwnPage, Cookie: cookieOf(reply) };
    await server.request.get(session).set(secure).expect(401);
    await server.request
      .get(session)
      .set({ ...secure, 'X-Forwarded-Proto': 'https' })
      .expect(200);
  });

  test('an https PUBLIC_BASE_URL makes it Secure behind a proxy that is not trusted', async () => {
    const behind = await startTestServer({ PUBLIC_BASE_URL: 'https://calls.example.test' });
    try {
      const other = await behind.signUp();
      const reply = await behind.request
        .post(session)
        .set('Origin', 'https://calls.example.test')
        .send({ email: await emailOf(behind, other.apiKey), password: usualPassword })
        .expect(200);
      expect(setCookieOf(reply)).toMatch(/^dograh-trigger-session=.*; Secure;/);
    } finally {
      await behind.close();
    }
  });

  test('a wrong password is 401, and sets no cookie', async () => {
    const reply = await server.request.post(session).set(ofOwnPage).send({ email, password: 'wrong' });
    expect([reply.status, reply.headers['set-cookie']]).toEqual([401, undefined]);
  });

  test.each([
    ['another site', { 'Sec-Fetch-Site': 'cross-site' }],
    ['another origin of this site', { 'Sec-Fetch-Site': 'same-site' }],
    ['another origin, by an old browser', { Origin: 'https://evil.example' }],
    ['a sandboxed page', { Origin: 'null' }],
    ['nowhere in particular', {}],
  ])('from %s it is refused, so that nobody is signed in to a stranger’s account', async (_from, headers) => {
    const reply = await server.request.post(session).set(headers).send({ email, password: usualPassword });
    expect([reply.status, code(reply), reply.headers['set-cookie']]).toEqual([
      403,
      'cross_origin',
      undefined,
    ]);
  });
});

describe('with the cookie', () => {
  test('routes for members work for a page of this server, and their replies are stored nowhere', async () => {
    const reply = await server.request.get('/api/v1/user/api-keys').set(browser.headers).expect(200);
    expect(reply.body).toHaveLength(1);
    expect(reply.headers['cache-control']).toBe('no-store');
    await server.request
      .get('/api/v1/user/api-keys')
      .set({ Cookie: browser.cookie, Origin: server.baseUrl })
      .expect(200);
  });

  test('a link that the user opens works for GET, and not for a change', async () => {
    const opened = { ...browser.headers, 'Sec-Fetch-Site': 'none' };
    await server.request.get('/api/v1/organizations/usage/runs/report').set(opened).expect(200);
    const reply = await server.request.post('/api/v1/user/api-keys').set(opened).send({ name: 'Key' });
    expect([reply.status, code(reply)]).toEqual([403, 'cross_origin']);
  });

  test('a key or a token in the request counts instead of the cookie', async () => {
    const other = await server.signUp();
    const headers = { ...browser.headers, 'X-API-Key': other.apiKey };
    const reply = await server.request.get('/api/v1/auth/me').set(headers).expect(200);
    expect(reply.body).toMatchObject({ id: other.userId });
    await server.request
      .get('/api/v1/auth/me')
      .set({ ...browser.headers, Authorization: 'Bearer forged' })
      .expect(401);
  });

  test('a page of this server starts a call; a page of another origin starts none', async () => {
    const call = (headers: Record<string, string>) =>
      server.request
        .post('/api/v1/public/agent/any-path')
        .set(headers)
        .send({ phone_number: '+14155550100' });
    // The agent does not exist: only who passes the door learns that.
    expect((await call(browser.headers)).status).toBe(404);
    const { 'X-CSRF-Token': _token, ...withoutToken } = browser.headers;
    const forged = await call(withoutToken);
    expect([forged.status, code(forged)]).toEqual([403, 'csrf_token_invalid']);
    const foreign = await call({ ...browser.headers, 'Sec-Fetch-Site': 'cross-site' });
    expect([foreign.status, code(foreign)]).toEqual([403, 'cross_origin']);
    const nobody = await call({});
    expect([nobody.status, nobody.body]).toMatchObject([401, { detail: 'Missing API key' }]);
  });

  test.each([
    ['no', undefined],
    ['an empty', ''],
    ['a forged', 'x'.repeat(43)],
  ])('a change with %s CSRF token is 403, and does nothing', async (_which, token) => {
    const { 'X-CSRF-Token': _valid, ...rest } = browser.headers;
    const reply = await server.request
      .post('/api/v1/user/api-keys')
      .set(token === undefined ? rest : { ...rest, 'X-CSRF-Token': token })
      .send({ name: 'Of a stranger' });
    expect([reply.status, code(reply)]).toEqual([403, 'csrf_token_invalid']);
    const keys = await server.request.get('/api/v1/user/api-keys').set(browser.headers).expect(200);
    expect(JSON.stringify(keys.body)).not.toContain('Of a stranger');
  });

  test('the CSRF token of another session is refused', async () => {
    const { csrfToken } = await signInBrowser(server, email);
    const reply = await server.request
      .post('/api/v1/user/api-keys')
      .set({ ...browser.headers, 'X-CSRF-Token': csrfToken })
      .send({ name: 'Key' });
    expect([reply.status, code(reply)]).toEqual([403, 'csrf_token_invalid']);
  });

  test('with the right one it works', async () => {
    await server.request
      .post('/api/v1/user/api-keys')
      .set(browser.headers)
      .send({ name: 'Second' })
      .expect(200);
  });

  test.each([
    ['a form of another site', 'post', '/api/v1/auth/logout', { 'Sec-Fetch-Site': 'cross-site' }],
    ['an image of another site', 'get', '/api/v1/auth/me', { 'Sec-Fetch-Site': 'cross-site' }],
    ['another port of this machine', 'get', '/api/v1/auth/me', { 'Sec-Fetch-Site': 'same-site' }],
    ['an old browser’s other page', 'get', '/api/v1/auth/me', { Origin: 'https://evil.example' }],
    ['a browser that says nothing', 'get', '/api/v1/auth/me', {}],
  ] as const)(
    '%s gets 403, the same for an open session and a forged one',
    async (_which, method, path, from) => {
      const ask = (cookie: string) =>
        server.request[method](path).set({ ...from, Cookie: cookie, 'X-CSRF-Token': browser.csrfToken });
      const open = await ask(browser.cookie);
      const forged = await ask('dograh-trigger-session=forged');
      expect([open.status, code(open)]).toEqual([403, 'cross_origin']);
      expect(forged.body).toEqual(open.body);
      expect(forged.status).toBe(open.status);
      await server.request.get(session).set(browser.headers).expect(200);
    },
  );

  test('no other origin may send cookies or the CSRF header with its requests', async () => {
    const reply = await server.request
      .options(session)
      .set({ Origin: 'https://evil.example', 'Access-Control-Request-Headers': 'x-csrf-token' });
    expect(reply.headers['access-control-allow-credentials']).toBeUndefined();
    expect(reply.headers['access-control-allow-headers']).not.toMatch(/csrf/i);
    expect(reply.headers['access-control-allow-origin']).toBe('*');
  });

  test('a password change keeps this session and ends the others', async () => {
    const [here, elsewhere] = [await signInBrowser(server, email), await signInBrowser(server, email)];
    await server.request
      .post('/api/v1/user/password')
      .set(here.headers)
      .send({ current_password: usualPassword, new_password: 'battery staple' })
      .expect(200);
    await server.request.get(session).set(here.headers).expect(200);
    await server.request.get(session).set(elsewhere.headers).expect(401);
    await server.request
      .post('/api/v1/user/password')
      .set(here.headers)
      .send({ current_password: 'battery staple', new_password: usualPassword })
      .expect(200);
    browser = here;
  });

  test('signing out ends the session and deletes the cookie', async () => {
    const here = await signInBrowser(server, email);
    const reply = await server.request.post('/api/v1/auth/logout').set(here.headers).expect(200);
    expect(setCookieOf(reply)).toMatch(/^dograh-trigger-session=; Path=\/api\/v1; .*Max-Age=0$/);
    await server.request.get(session).set(here.headers).expect(401);
    await server.request.get(session).set(browser.headers).expect(200);
  });
});

test('without extensions the routes work, too', async () => {
  const plain = await startTestServer({ EXTENSIONS: '' });
  try {
    const other = await plain.signUp();
    const here = await signInBrowser(plain, await emailOf(plain, other.apiKey));
    await plain.request.get(session).set(here.headers).expect(200);
  } finally {
    await plain.close();
  }
});

test('wrong passwords count for both ways to sign in together', async () => {
  const guessed = 'guessed@example.com';
  const guess = { email: guessed, password: 'wrong' };
  for (let guesses = 0; guesses < 3; guesses += 1) {
    await server.request.post('/api/v1/auth/login').send(guess).expect(401);
    await server.request.post(session).set(ofOwnPage).send(guess).expect(401);
  }
  await server.request.post(session).set(ofOwnPage).send(guess).expect(429);
});
