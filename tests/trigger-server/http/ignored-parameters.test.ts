/** `Ignored-Fields` names the ignored query parameters. */
import { createAgent, readyToCall, type TestAgent } from '../../support/agents';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';

let server: TestServer;
let account: Account;
let agent: TestAgent;
beforeAll(async () => {
  server = await startTestServer();
  ({ account, agent } = await readyToCall(server));
});
afterAll(() => server.close());

async function ignored(path: string, caller = { server, account }): Promise<string | undefined> {
  const reply = await caller.server.request
    .get(`/api/v1${path}`)
    .set('X-API-Key', caller.account.apiKey)
    .expect(200);
  return reply.headers['ignored-fields'];
}

test.each([
  ['/webhook-deliveries?statuz=failed&run=7&status=pending', 'statuz, run'],
  ['/workflow/fetch?state=archived', 'state'],
  ['/organizations/usage/runs?statuz=busy&per_page=10&limit=10', 'statuz, per_page'],
  ['/organizations/usage/runs/report?page=2', 'page'],
  ['/user/api-keys?archived=true', 'archived'],
  // This route has no parameters.
  ['/organizations/disposition-codes?q=1', 'q'],
])('GET %s', async (path, names) => {
  expect(await ignored(path)).toBe(names);
});

test('of a request that starts a call', async () => {
  const reply = await server.request
    .post(`/api/v1/public/agent/${agent.triggerPath}?callback_url=https://example.com`)
    .set('X-API-Key', account.apiKey)
    .send({ phone_number: '+14155550100' })
    .expect(200);
  expect(reply.headers['ignored-fields']).toBe('callback_url');
});

test('nothing is named where everything is known, or where there is no query', async () => {
  expect(await ignored('/webhook-deliveries?page=1&limit=5')).toBeUndefined();
  expect(await ignored('/webhook-deliveries')).toBeUndefined();
  expect(await ignored('/webhook-deliveries?')).toBeUndefined();
});

test('names are text of any kind, and bounded: 20 of them, 1 kB', async () => {
  expect(await ignored('/workflow/fetch?a%0d%0ab=1&%C3%A9=1&__proto__=1')).toBe(
    'a%0D%0Ab, %C3%A9, __proto__',
  );
  const many = Array.from({ length: 200 }, (_, index) => `n${String(index)}=1`).join('&');
  const named = (await ignored(`/workflow/fetch?${many}`))!.split(', ');
  expect(named.slice(0, 20)).toEqual(Array.from({ length: 20 }, (_, index) => `n${String(index)}`));
  expect(named.slice(20)).toEqual(['%E2%80%A6']);
  const long = await ignored(`/workflow/fetch?${'%F0%9F%98%80'.repeat(600)}=1&b=1`);
  expect(long!.length).toBeLessThanOrEqual(1024);
});

test('a page of another origin may read it', async () => {
  const reply = await server.request.get('/api/v1/health').expect(200);
  expect(reply.headers['access-control-expose-headers']).toContain('Ignored-Fields');
});

test('without extensions nothing is named', async () => {
  const plain = await startTestServer({ EXTENSIONS: '' });
  try {
    const caller = { server: plain, account: await plain.signUp() };
    await createAgent(plain, caller.account);
    expect(await ignored('/workflow/fetch?state=archived', caller)).toBeUndefined();
  } finally {
    await plain.close();
  }
});
