/** The request limits per key and per address. A caller over the limit does not affect other callers. */
import { startTestServer, type Account, type TestServer } from '../../support/test-server';

let server: TestServer;
let account: Account;
afterEach(() => server.close());

async function start(environment: Record<string, string> = {}): Promise<void> {
  server = await startTestServer({ TRUST_PROXY: '1', ...environment });
  account = await server.signUp();
}

/** Two requests per second, which allows a burst of eight. */
const slow = { KEY_REQUESTS_PER_SECOND: '2', ADDRESS_REQUESTS_PER_SECOND: '2' };
/** The header that the proxy adds for a caller with this address. */
const from = (address: string) => ({ 'X-Forwarded-For': address });
const honest = from('203.0.113.7');
const hostile = from('198.51.100.66');
const wrongKey = { 'X-API-Key': 'dgr_wrong' };

const read = (headers: Record<string, string>) =>
  fetch(`${server.baseUrl}/api/v1/user/auth/user`, { headers });
const post = (path: string, headers: Record<string, string>, body = '{}') =>
  fetch(`${server.baseUrl}/api/v1${path}`, { method: 'POST', headers, body });

async function statuses(count: number, ask: () => Promise<Response>): Promise<number[]> {
  const replies = await Promise.all(Array.from({ length: count }, ask));
  return replies.map(({ status }) => status);
}

const count = (all: number[], status: number) => all.filter((one) => one === status).length;

test('a key has a burst of 200 requests and 50 a second after it; the 429 says when to come again', async () => {
  await start();
  const ask = () => read({ 'X-API-Key': account.apiKey, ...honest });
  expect(count(await statuses(203, ask), 200)).toBe(200);

  const refused = await ask();
  expect(refused.status).toBe(429);
  expect(await refused.json()).toEqual({
    detail:
      'Too many requests with this API key or session: 50 a second are taken. Nothing was done; send them more slowly.',
    code: 'rate_limited',
  });
  expect(refused.headers.get('retry-after')).toBe('1');
  expect(refused.headers.get('ratelimit-policy')).toBe('"key";q=200;w=4');
  expect(refused.headers.get('ratelimit')).toBe('"key";r=0;t=1');

  await server.advance(1000);
  expect(count(await statuses(53, ask), 200)).toBe(50);
});

test('the limit of one key is no other key’s, from the same address', async () => {
  await start(slow);
  const other = await server.signUp();
  await statuses(20, () => read({ 'X-API-Key': account.apiKey, ...honest }));
  expect(await statuses(8, () => read({ 'X-API-Key': other.apiKey, ...honest }))).toEqual(Array(8).fill(200));
});

test('a session is limited like a key, and apart from the keys', async () => {
  await start(slow);
  const session = () => read({ Authorization: `Bearer ${account.token}`, ...honest });
  expect(count(await statuses(20, session), 200)).toBe(8);
  expect((await read({ 'X-API-Key': account.apiKey, ...honest })).status).toBe(200);
});

test('a trigger over the limit records and dials nothing', async () => {
  await start(slow);
  const headers = { 'X-API-Key': account.apiKey, ...honest };
  await statuses(8, () => read(headers));
  const reply = await post('/public/agent/any', headers, '{"phone_number":"+14155550100"}');
  expect(reply.status).toBe(429);
  const runs = await server.request
    .get('/api/v1/organizations/usage/runs')
    .set('X-API-Key', account.apiKey)
    .expect(200);
  expect((runs.body as { total_count: number }).total_count).toBe(0);
});

test('wrong keys are limited by address, and valid keys from that address are not', async () => {
  await start(slow);
  const guess = () => read({ ...wrongKey, 'X-Forwarded-For': `${String(Math.random())}, 198.51.100.66` });
  const replies = await statuses(20, guess);
  expect([count(replies, 401), count(replies, 429)]).toEqual([8, 12]);
  expect((await read({ 'X-API-Key': account.apiKey, ...hostile })).status).toBe(200);
  expect((await read({ ...wrongKey, ...honest })).status).toBe(401);
});

test.each(['/auth/login', '/auth/signup'])(
  'POST %s is limited by address, and /health is not',
  async (path) => {
    await start(slow);
    expect(count(await statuses(20, () => post(path, hostile)), 429)).toBe(12);
    expect((await post(path, honest)).status).not.toBe(429);
    const health = () => fetch(`${server.baseUrl}/api/v1/health`, { headers: hostile });
    expect(count(await statuses(20, health), 200)).toBe(20);
  },
);

test('forged callbacks are limited by address', async () => {
  await start(slow);
  const forge = () => post('/telephony/callbacks/twilio/status/1/0/forged', hostile);
  const replies = await statuses(20, forge);
  expect([count(replies, 401), count(replies, 429)]).toEqual([8, 12]);
});

test('a caller on this machine has no limit, but one behind a tunnel has', async () => {
  await start({ ...slow, TRUST_PROXY: '0' });
  const good = { 'X-API-Key': account.apiKey };
  expect(count(await statuses(50, () => read(good)), 200)).toBe(50);
  expect(count(await statuses(50, () => read(wrongKey)), 401)).toBe(50);
  expect(count(await statuses(20, () => read({ ...wrongKey, Forwarded: 'for=198.51.100.66' })), 401)).toBe(8);
});

test('0 is no limit', async () => {
  await start({ KEY_REQUESTS_PER_SECOND: '0', ADDRESS_REQUESTS_PER_SECOND: '0' });
  expect(count(await statuses(250, () => read({ 'X-API-Key': account.apiKey, ...honest })), 200)).toBe(250);
  expect(count(await statuses(100, () => read({ ...wrongKey, ...honest })), 401)).toBe(100);
});

test('plain Dograh has the limits too, with a detail and without our headers', async () => {
  await start({ ...slow, EXTENSIONS: '' });
  await statuses(8, () => read({ ...wrongKey, ...hostile }));
  const reply = await read({ ...wrongKey, ...hostile });
  expect(reply.status).toBe(429);
  expect(Object.keys((await reply.json()) as object)).toEqual(['detail']);
  for (const name of ['retry-after', 'ratelimit', 'ratelimit-policy'])
    expect(reply.headers.get(name)).toBeNull();
});

describe('a thousand wrong keys within ten seconds', () => {
  // Each test sends a thousand requests, and the machine may be busy.
  jest.setTimeout(180_000);

  const noticed = () => server.logLines.filter((line) => line.includes('many requests have no valid key'));
  const guess = () => read(wrongKey);

  /** Sends 999 of the thousand requests, in batches: the test does not need a thousand sockets at once. */
  async function almost(): Promise<void> {
    for (let batch = 0; batch < 9; batch += 1) await statuses(100, guess);
    await statuses(99, guess);
  }

  test('are one line in the log, with the address', async () => {
    await start();
    await almost();
    expect(noticed()).toEqual([]);
    const last = statuses(3, guess);
    while (noticed().length === 0) await new Promise((resolve) => setImmediate(resolve));
    await server.advance(1000);
    await last;
    expect(noticed().map((line) => JSON.parse(line) as object)).toEqual([
      expect.objectContaining({ level: 40, refused: 1000, address: '127.0.0.1' }),
    ]);
  });

  test('are answered after a second from then on, and a valid key at once', async () => {
    await start();
    await almost();
    let answered = false;
    const slowed = guess().then(({ status }) => {
      answered = true;
      return status;
    });
    while (noticed().length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect((await read({ 'X-API-Key': account.apiKey })).status).toBe(200);
    expect(answered).toBe(false);
    await server.advance(1000);
    expect(await slowed).toBe(401);
  });

  test('do not pile up: with a hundred delayed replies, further ones are sent at once', async () => {
    await start();
    await almost();
    let answered = 0;
    const all = Array.from({ length: 150 }, async () => {
      await guess();
      answered += 1;
    });
    while (answered < 50) await new Promise((resolve) => setImmediate(resolve));
    await server.advance(999);
    expect(answered).toBe(50);
    await server.advance(1);
    await Promise.all(all);
  });

  test('over a longer time are not logged', async () => {
    await start();
    await almost();
    await server.advance(10_000);
    expect((await guess()).status).toBe(401);
    expect(noticed()).toEqual([]);
  });
});
