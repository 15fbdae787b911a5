import { replyJson, startLocalServer, type LocalServer } from '../support/local-server';
import { apiKey, appTester, makeBundle, runCommand } from '../support/zapier';

let server: LocalServer;
let other: LocalServer;

beforeEach(async () => {
  server = await startLocalServer((_, response) => {
    replyJson(response, 200, {});
  });
  other = await startLocalServer((_, response) => {
    replyJson(response, 200, {});
  });
});

afterEach(async () => {
  await Promise.all([server.close(), other.close()]);
});

function get(url: string, baseUrl: string) {
  return appTester(async (z) => (await z.request(url)).status, makeBundle(baseUrl));
}

test.each(['', '/', '/api/v1', '/api/v1///'])(
  'a request to the connection’s server has the key when the base URL ends in "%s"',
  async (ending) => {
    await get(`${server.url}/api/v1/workflow/fetch`, `${server.url}${ending}`);
    expect(server.requests.map(({ headers }) => headers['x-api-key'])).toEqual([apiKey]);
  },
);

test('a request to another origin has no key', async () => {
  await get(`${other.url}/recordings/1.wav`, server.url);
  expect(other.requests.map(({ headers }) => headers['x-api-key'])).toEqual([undefined]);
});

test('a line break pasted with the key is not sent', async () => {
  const bundle = {
    ...makeBundle(server.url),
    authData: { base_url: server.url, api_key: `${apiKey}\n` },
  };
  await appTester(async (z) => (await z.request(`${server.url}/x`)).status, bundle);
  expect(server.requests.map(({ headers }) => headers['x-api-key'])).toEqual([apiKey]);
});

test('Zapier can derive the authentication of requests from the app', async () => {
  expect(await runCommand('getAuthTemplate')).toMatchObject({
    supported: true,
    template: { headers: { 'X-API-Key': '{{bundle.authData.api_key}}' } },
  });
});
