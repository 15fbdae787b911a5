/** A sign-in link works once, for 15 minutes. A user without a password gets one by it. */
import type { ConsoleSession } from '@dograh-trigger/shared';
import { createSignInLink } from '../../../trigger-server/src/accounts/sign-in-links';
import { seedDemo } from '../../../trigger-server/src/seed';
import { cookieOf, emailOf, ofOwnPage } from '../../support/browser-session';
import { startTestServer, type TestServer } from '../../support/test-server';

let server: TestServer;
let demoToken: string;
beforeEach(async () => {
  server = await startTestServer();
  const demo = await seedDemo(server.services);
  if (demo?.signInToken == null) throw new Error('The first start made no link');
  demoToken = demo.signInToken;
});
afterEach(() => server.close());

const minute = 60_000;
const jane = { email: 'Jane@example.com', password: 'at least 8 characters', name: 'Jane' };
const follow = (body: object, headers: Record<string, string> = ofOwnPage) =>
  server.request.post('/api/v1/console/session/link').set(headers).send(body);
const linkFor = (userId: number) =>
  server.services.storage.write((session) => createSignInLink(server.services, session, userId));

describe('for the demo user, who has no password', () => {
  test('it sets e-mail, password and name, and signs in', async () => {
    const reply = await follow({ token: demoToken, ...jane }).expect(200);
    expect(reply.body).toMatchObject({
      user: { email: 'jane@example.com', name: 'Jane' },
      has_password: true,
    });
    await server.request
      .get('/api/v1/console/session')
      .set({ ...ofOwnPage, Cookie: cookieOf(reply) })
      .expect(200);
    await server.request.post('/api/v1/auth/login').send(jane).expect(200);
  });

  test('it leaves the demo trigger known to later starts, which print no secret', async () => {
    const before = await seedDemo(server.services);
    await follow({ token: demoToken, ...jane }).expect(200);
    expect(await seedDemo(server.services)).toEqual(before);
    expect(before).toEqual({
      triggerPath: expect.any(String),
      talkPath: expect.any(String),
      newApiKey: null,
      signInToken: null,
    });
  });

  test.each([
    ['email', { password: jane.password }],
    ['password', { email: jane.email }],
  ])('without %s it is 422 in words, and still works afterwards', async (field, given) => {
    const reply = await follow({ token: demoToken, ...given }).expect(422);
    expect(reply.body).toMatchObject({ detail: [{ loc: ['body', field], type: 'missing' }] });
    await follow({ token: demoToken, ...jane }).expect(200);
  });

  test('with the e-mail of another user it is 409, and still works afterwards', async () => {
    const { apiKey } = await server.signUp();
    await follow({ token: demoToken, ...jane, email: await emailOf(server, apiKey) }).expect(409);
    await follow({ token: demoToken, ...jane }).expect(200);
  });

  test('of two requests at once exactly one signs in, and its password is the one that counts', async () => {
    const passwords = ['the first password', 'the second password'];
    const replies = await Promise.all(
      passwords.map((password) => follow({ token: demoToken, ...jane, password })),
    );
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 401]);
    const logins = [];
    for (const password of passwords) {
      logins.push((await server.request.post('/api/v1/auth/login').send({ ...jane, password })).status);
    }
    expect(logins).toEqual(replies.map(({ status }) => status));
  });
});

describe('for a user with a password', () => {
  test('it signs in once', async () => {
    const { userId } = await server.signUp();
    const token = await linkFor(userId);
    const reply = await follow({ token }).expect(200);
    expect(reply.body).toMatchObject({ user: { id: userId } });
    const again = await follow({ token }).expect(401);
    expect((again.body as { detail: string }).detail).toMatch(/^This sign-in link was used already/);
  });

  const setPassword = (cookie: string, csrf: string, password: string) =>
    server.request
      .post('/api/v1/user/password')
      .set({ ...ofOwnPage, Cookie: cookie, 'X-CSRF-Token': csrf })
      .send({ new_password: password });
  async function signInByLink() {
    const { userId, token } = await server.signUp();
    const reply = await follow({ token: await linkFor(userId) }).expect(200);
    const { csrf_token: csrf, user, can_reset_password } = reply.body as ConsoleSession;
    return { cookie: cookieOf(reply), csrf, email: user.email, can_reset_password, olderToken: token };
  }
  const canLogIn = async (email: string, password: string) =>
    (await server.request.post('/api/v1/auth/login').send({ email, password })).status === 200;

  test('its session replaces a forgotten password, once, and ends the other sessions of the user', async () => {
    const { cookie, csrf, email, can_reset_password, olderToken } = await signInByLink();
    expect(can_reset_password).toBe(true);
    await setPassword(cookie, csrf, 'the new password').expect(200);
    expect(await canLogIn(email, 'the new password')).toBe(true);
    await server.request.get('/api/v1/auth/me').set('Authorization', `Bearer ${olderToken}`).expect(401);
    const reply = await setPassword(cookie, csrf, 'a second password').expect(403);
    expect((reply.body as { detail: string }).detail).toMatch(
      /^Enter the current password\. If it is forgotten/,
    );
    expect(await canLogIn(email, 'a second password')).toBe(false);
  });

  test('of two new passwords at once, one is set', async () => {
    const { cookie, csrf } = await signInByLink();
    const replies = await Promise.all(
      ['the first password', 'the second password'].map((password) => setPassword(cookie, csrf, password)),
    );
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 403]);
  });

  test('its session may do so for 15 minutes', async () => {
    const [early, late] = [await signInByLink(), await signInByLink()];
    await server.advance(15 * minute - 1);
    await setPassword(early.cookie, early.csrf, 'the new password').expect(200);
    await server.advance(1);
    await setPassword(late.cookie, late.csrf, 'the new password').expect(403);
    const session = await server.request
      .get('/api/v1/console/session')
      .set({ ...ofOwnPage, Cookie: late.cookie })
      .expect(200);
    expect(session.body).toMatchObject({ can_reset_password: false });
  });

  test('a session by e-mail and password needs the current one', async () => {
    const { token } = await server.signUp();
    await server.request
      .post('/api/v1/user/password')
      .set('Authorization', `Bearer ${token}`)
      .send({ new_password: 'the new password' })
      .expect(403);
  });

  test('it cannot replace the password or the e-mail itself', async () => {
    const { userId } = await server.signUp();
    const reply = await follow({ token: await linkFor(userId), ...jane }).expect(422);
    expect(reply.body).toMatchObject({ detail: [{ loc: ['body', 'email'] }] });
    await server.request.post('/api/v1/auth/login').send(jane).expect(401);
  });
});

test('it works for 15 minutes', async () => {
  const { userId } = await server.signUp();
  const [early, late] = [await linkFor(userId), await linkFor(userId)];
  await server.advance(15 * minute - 1);
  await follow({ token: early }).expect(200);
  await server.advance(1);
  await follow({ token: late }).expect(401);
});

test('a page of another origin cannot use it', async () => {
  const { userId } = await server.signUp();
  const token = await linkFor(userId);
  await follow({ token }, { 'Sec-Fetch-Site': 'cross-site' }).expect(403);
  await follow({ token }).expect(200);
});

test('neither the database nor the log holds its token', async () => {
  const { userId } = await server.signUp();
  const token = await linkFor(userId);
  const { read } = server.services.storage;
  const { rows } = await read.run(read.builder.selectFrom('sign_in_links').selectAll().compile());
  expect(rows).toHaveLength(2);
  await follow({ token }).expect(200);
  expect(JSON.stringify(rows) + server.logLines.join('')).not.toContain(token);
});

test('an expired link leaves no row behind once another one is created', async () => {
  await server.advance(15 * minute);
  const { userId } = await server.signUp();
  await linkFor(userId);
  const { read } = server.services.storage;
  const { rows } = await read.run(read.builder.selectFrom('sign_in_links').select('user_id').compile());
  expect(rows).toEqual([{ user_id: userId }]);
});

test('with the operator’s own first key no link is made', async () => {
  const own = await startTestServer({ BOOTSTRAP_API_KEY: `dgr_${'k'.repeat(43)}` });
  try {
    expect(await seedDemo(own.services)).toMatchObject({ newApiKey: null, signInToken: null });
  } finally {
    await own.close();
  }
});
