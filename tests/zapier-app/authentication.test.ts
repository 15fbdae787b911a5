import { testConnection } from '../../zapier-app/src/authentication';
import { findCallStep } from '../../zapier-app/src/searches/find-call';
import { replyJson, startLocalServer, type LocalServer } from '../support/local-server';
import { apiKey, failureOf, makeBundle, runStep } from '../support/zapier';

let server: LocalServer;

afterEach(async () => {
  await server.close();
});

/** A server with one valid key, which answers `/auth/me` with `user`. */
async function startServer(user: object) {
  server = await startLocalServer(({ url, headers }, response) => {
    if (headers['x-api-key'] !== apiKey) replyJson(response, 401, { detail: 'Invalid or expired API key' });
    else if (url === '/api/v1/user/auth/user') replyJson(response, 200, { id: 3, is_superuser: false });
    else if (url === '/api/v1/auth/me') replyJson(response, 200, user);
    else replyJson(response, 404, { detail: 'Not Found' });
  });
}

const jane = { id: 3, email: 'jane@example.com', name: null, organization_id: 5, provider_id: 'p' };

test.each(['', '/', '/api/v1', '/api/v1/'])(
  'a connection whose base URL ends in "%s" is labelled with its owner and host',
  async (ending) => {
    await startServer(jane);
    const { host } = new URL(server.url);
    expect(await runStep(testConnection, makeBundle(`${server.url}${ending}`))).toEqual({
      user_id: 3,
      organization_id: 5,
      email: 'jane@example.com',
      host,
      label: `jane@example.com on ${host}`,
    });
  },
);

test('a connection of an owner without e-mail is labelled with the host', async () => {
  await startServer({ ...jane, email: null });
  const { label } = await runStep(testConnection, makeBundle(server.url));
  expect(label).toBe(new URL(server.url).host);
});

test('a wrong key is an authentication error', async () => {
  await startServer(jane);
  const bundle = { ...makeBundle(server.url), authData: { base_url: server.url, api_key: 'dgr_wrong' } };
  expect(await failureOf(runStep(testConnection, bundle))).toMatchObject({
    name: 'AppError',
    code: 'AuthenticationError',
    status: 401,
    message: expect.stringContaining('Check that the API key is complete') as string,
  });
});

test('an invalid key is refused before it is sent, and the error does not quote it', async () => {
  await startServer(jane);
  const bundle = { ...makeBundle(server.url), authData: { base_url: server.url, api_key: 'dgr_a–b' } };
  const failure = await failureOf(runStep(testConnection, bundle));
  expect(failure).toMatchObject({ name: 'AppError', code: 'AuthenticationError' });
  expect(failure.message).not.toContain('a–b');
  expect((await failureOf(runStep(findCallStep, bundle))).name).toBe('ExpiredAuthError');
  expect(server.requests).toEqual([]);
});

test('an address that answers with a web page is refused with advice about the base URL', async () => {
  server = await startLocalServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end('<!doctype html><title>Log in</title>');
  });
  const failure = await failureOf(runStep(testConnection, makeBundle(server.url)));
  expect(failure).toMatchObject({ name: 'AppError', code: 'unexpected_response' });
  expect(failure.message).toContain('Check that the base URL is the address of the API server');
});

test('a redirect is not followed, so that the key stays with the server', async () => {
  const target = await startLocalServer((_, response) => {
    replyJson(response, 200, { id: 3 });
  });
  server = await startLocalServer((_, response) => {
    response.writeHead(302, { location: target.url });
    response.end();
  });
  const failure = await failureOf(runStep(testConnection, makeBundle(server.url)));
  await target.close();
  expect(failure.code).toBe('unexpected_response');
  expect(target.requests).toEqual([]);
});

describe('without a request', () => {
  beforeEach(() => startServer(jane));

  test.each([
    ['http://dograh.example.com', 'must begin with https://'],
    ['http://127.0.0.1.example.com', 'must begin with https://'],
    ['http://8.8.8.8:8000', 'must begin with https://'],
    ['ftp://dograh.example.com', 'must be a full web address'],
    ['dograh.example.com', 'must be a full web address'],
    ['https://jane:secret@dograh.example.com', 'must not contain a user name or password'],
    ['', 'must be a full web address'],
  ])('the base URL "%s" is refused: it %s', async (baseUrl, rule) => {
    const failure = await failureOf(runStep(testConnection, makeBundle(baseUrl)));
    expect(failure).toMatchObject({ name: 'AppError', code: 'invalid_input' });
    expect(failure.message).toContain(rule);
  });
});
