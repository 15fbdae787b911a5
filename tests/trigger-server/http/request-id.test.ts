/** The id of a request: who chooses it, and where it is found again. */
import { createAgent } from '../../support/agents';
import { rawRequest, exchange } from '../../support/raw-http';
import { addTwilio } from '../../support/telephony';
import { startTestServer, type TestServer } from '../../support/test-server';
import { startTwilio } from '../../support/vendors/twilio';

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer();
});
afterEach(() => server.close());

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

async function idOfReply(path: string, headers: Record<string, string> = {}): Promise<string | null> {
  const reply = await fetch(`${server.baseUrl}${path}`, { headers });
  await reply.text();
  return reply.headers.get('x-request-id');
}

const linesOf = ({ logLines }: TestServer) =>
  logLines.map((line) => JSON.parse(line) as Record<string, unknown>);

test.each([
  'f3b1c6de-4d5c-4bb1-9a5d-0c4e1c6a7e11',
  '4bf92f3577b34da6a3ce929d0e0e4736',
  'Root=1-67891233-abcdef012345678912345678',
  `a${'z'.repeat(127)}`,
  'order-123456',
  '501',
])('the caller’s id %s is returned, and stands in the request’s log line', async (id) => {
  expect(await idOfReply('/api/v1/health', { 'X-Request-Id': id })).toBe(id);
  while (server.logLines.length === 0) await new Promise(setImmediate);
  expect(linesOf(server)).toMatchObject([{ requestId: id, route: '/health', msg: 'request' }]);
});

test.each([
  '',
  'a b',
  '+14155550100',
  '4155550100',
  'ü1',
  'a"b',
  `a${'z'.repeat(128)}`,
  '<a>',
  'call-14155550100',
  'call-415-555-0100',
  '1415555010012345',
])(
  'the id %p is replaced by a new one, because it is too long, has other characters or may be a phone number',
  async (id) => {
    const request = rawRequest({
      method: 'GET',
      target: '/api/v1/health',
      headers: { 'X-Request-Id': Buffer.from(id, 'utf8').toString('latin1') },
    });
    const [reply] = await exchange(server.baseUrl, request, ['GET']);
    const returned = reply?.headers.filter(([name]) => name.toLowerCase() === 'x-request-id');
    expect(returned).toEqual([['X-Request-Id', expect.stringMatching(uuid)]]);
  },
);

test.each([
  ['a declared route', '/api/v1/health'],
  ['a refusal', '/api/v1/user/auth/user'],
  ['a page', '/docs/'],
  ['a path that does not exist', '/nothing'],
  ['a callback of a carrier', '/api/v1/telephony/callbacks/twilio/status/1/0/x'],
  ['the probe of a load balancer', '/health/ready'],
])('every reply has one: %s', async (_name, path) => {
  expect(await idOfReply(path, { 'X-Request-Id': 'mine-1' })).toBe('mine-1');
  expect(await idOfReply(path)).toMatch(uuid);
});

test('pages of other origins may send it and read it', async () => {
  const preflight = await fetch(`${server.baseUrl}/api/v1/health`, { method: 'OPTIONS' });
  expect(preflight.headers.get('access-control-allow-headers')).toContain('X-Request-Id');
  const reply = await fetch(`${server.baseUrl}/api/v1/health`);
  expect(reply.headers.get('access-control-expose-headers')).toContain('X-Request-Id');
});

test('every log line of a call that fails at its carrier has the id of its request', async () => {
  const vendor = await startTwilio();
  const failing = await startTestServer({
    TWILIO_API_BASE_URL: vendor.origin,
    PUBLIC_BASE_URL: 'https://calls.example.test',
  });
  try {
    const account = await failing.signUp();
    await addTwilio(failing, account, { name: 'Carrier', number: '+14155550123' });
    const agent = await createAgent(failing, account);
    vendor.play('server-error');
    failing.logLines.length = 0;
    await failing.request
      .post(`/api/v1/public/agent/${agent.triggerPath}`)
      .set('X-API-Key', account.apiKey)
      .set('X-Request-Id', 'the-failing-one')
      .send({ phone_number: '+14155550100' })
      .expect(504);
    while (!linesOf(failing).some(({ msg }) => msg === 'request')) await new Promise(setImmediate);
    const texts = linesOf(failing).map(({ msg }) => msg);
    expect(texts).toContain('a carrier failed at a dial');
    expect(linesOf(failing).map(({ requestId }) => requestId)).toEqual(texts.map(() => 'the-failing-one'));
  } finally {
    await failing.close();
    await vendor.close();
  }
});
