/** `/metrics`: the metrics of the process, only for the operator. */
import { readConfig } from '../../../trigger-server/src/config';
import { startTestServer, type TestServer } from '../../support/test-server';

const token = 'metrics-0123456789abcdef';
let server: TestServer;

afterEach(() => server.close());

async function start(environment: Record<string, string>): Promise<void> {
  server = await startTestServer(environment);
}

const read = (authorization?: string) =>
  fetch(`${server.baseUrl}/metrics`, { headers: authorization === undefined ? {} : { authorization } });

/** @returns the number of counted requests without a valid key. */
async function unauthenticated(): Promise<number> {
  const reply = await read(`Bearer ${token}`);
  expect(reply.headers.get('content-type')).toContain('text/plain');
  const [, value] = /^dograh_trigger_unauthenticated_requests_total (\d+)$/m.exec(await reply.text()) ?? [];
  return Number(value);
}

test('requests without a valid key, token or signature are counted, and good ones are not', async () => {
  await start({ METRICS_TOKEN: token });
  const { apiKey } = await server.signUp();
  const me = `${server.baseUrl}/api/v1/user/auth/user`;
  expect(await unauthenticated()).toBe(0);
  await fetch(me, { headers: { 'X-API-Key': 'dgr_wrong' } });
  await fetch(me, { headers: { Authorization: 'Bearer wrong' } });
  await fetch(me);
  expect((await fetch(me, { headers: { 'X-API-Key': apiKey } })).status).toBe(200);
  expect(await unauthenticated()).toBe(3);
});

test.each([undefined, 'Bearer metrics-0123456789abcdeg', token, 'Bearer '])(
  'with the token %p the metrics are refused with a reason',
  async (authorization) => {
    await start({ METRICS_TOKEN: token });
    const reply = await read(authorization);
    expect(reply.status).toBe(401);
    expect(await reply.json()).toMatchObject({
      detail: 'Send the METRICS_TOKEN of this server as a bearer token',
    });
  },
);

test('without METRICS_TOKEN the page does not exist', async () => {
  await start({});
  expect((await read('Bearer ')).status).toBe(404);
});

test('a token that could be guessed keeps the server from starting', async () => {
  await start({});
  expect(() => readConfig({ METRICS_TOKEN: 'short' })).toThrow(/METRICS_TOKEN: must have at least 16/);
});
