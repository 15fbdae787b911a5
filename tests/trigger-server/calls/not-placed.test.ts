/** A dial that certainly called nobody, for a temporary reason: its key stays free, and it takes no slot, no daily call and sends no event. */
import { DatabaseRefusal } from '../../../trigger-server/src/storage/port';
import { createAgent, type TestAgent } from '../../support/agents';
import { readRun } from '../../support/calls';
import { replyJson, startLocalServer, type LocalServer } from '../../support/local-server';
import { addTwilio } from '../../support/telephony';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import { deliverDue, listDeliveries, startReceiver } from '../../support/webhooks';

let carrier: LocalServer;
/** The carrier's reply to a dial. */
let answer: { status: number; body: object; headers?: Record<string, string> };
let dials: number;
/** What happens before the carrier replies to a dial. */
let beforeAnswer: () => Promise<void>;
let server: TestServer;
let account: Account;
let agent: TestAgent;

beforeEach(async () => {
  dials = 0;
  beforeAnswer = () => Promise.resolve();
  answer = { status: 201, body: { sid: 'CA1' } };
  carrier = await startLocalServer((request, response) => {
    if (!request.url.endsWith('/Calls.json')) {
      replyJson(response, 503, {});
      return;
    }
    dials += 1;
    void beforeAnswer().then(() => {
      replyJson(response, answer.status, answer.body, answer.headers);
    });
  });
});
afterEach(async () => {
  await server.close();
  await carrier.close();
});

async function start(environment: Record<string, string> = {}): Promise<void> {
  server = await startTestServer({
    PUBLIC_BASE_URL: 'https://calls.example.test',
    SIGNUP_ENABLED: 'true',
    ALLOWED_PRIVATE_TARGETS: '127.0.0.1',
    DEFAULT_ORG_CONCURRENCY_LIMIT: '1',
    TWILIO_API_BASE_URL: carrier.url,
    ...environment,
  });
  account = await server.signUp();
  agent = await createAgent(server, account);
  await addTwilio(server, account, { name: 'Line', number: '+14155550123' });
}

function trigger(key = 'k', body: object = {}) {
  return server.request
    .post(`/api/v1/public/agent/${agent.triggerPath}`)
    .set('X-API-Key', account.apiKey)
    .set('Idempotency-Key', key)
    .send({ phone_number: '+14155550100', ...body });
}

function runIdOf(location: string | undefined): number {
  return Number(/\/runs\/(\d+)$/.exec(location ?? '')?.[1]);
}

/** Stops the carrier during the work, then restarts it at the same address. */
async function whileCarrierIsAway<Result>(work: () => Promise<Result>): Promise<Result> {
  const { hostname, port } = new URL(carrier.url);
  await carrier.close();
  const result = await work();
  carrier = await startLocalServer(
    (_request, response) => {
      dials += 1;
      replyJson(response, 201, { sid: `CA${String(dials)}` });
    },
    undefined,
    { host: hostname, port: Number(port) },
  );
  return result;
}

test('an unreachable carrier is a 400 with Retry-After, and the same key places the call later', async () => {
  await start();
  const refused = await whileCarrierIsAway(() => trigger().expect(400));
  expect(refused.body).toEqual({
    code: 'carrier_unreachable',
    detail: 'Failed to initiate call: Twilio could not be reached; nobody was called.',
  });
  expect(refused.headers['retry-after']).toBe('10');
  const placed = await trigger().expect(200);
  expect(placed.headers).not.toHaveProperty('idempotency-replayed');
  expect(dials).toBe(1);
  expect((await trigger().expect(200)).headers['idempotency-replayed']).toBe('true');
  expect(dials).toBe(1);
});

test('its run ends as failed with the reason not_placed, frees its slot and sends no event', async () => {
  await start();
  const receiver = await startReceiver();
  await server.request
    .post('/api/v1/hooks')
    .set('X-API-Key', account.apiKey)
    .send({ target_url: receiver.url, event: 'call.completed' })
    .expect(200);
  answer = {
    status: 429,
    body: { code: 20429, message: 'Too Many Requests' },
    headers: { 'Retry-After': '17' },
  };
  const refused = await trigger('k', { callback_url: receiver.url }).expect(400);
  expect(refused.headers['retry-after']).toBe('17');
  expect(refused.body).toMatchObject({ code: 'carrier_busy' });
  expect(await readRun(server, account, runIdOf(refused.headers.location))).toMatchObject({
    status: 'failed',
    is_completed: true,
    reason: 'not_placed',
    gathered_context: { call_disposition: 'failed', error: 'Twilio: 20429 Too Many Requests (HTTP 429)' },
  });
  await server.advance(120_000);
  await deliverDue(server);
  expect(await listDeliveries(server, account)).toEqual([]);
  expect(receiver.requests).toEqual([]);
  await receiver.close();

  answer = { status: 201, body: { sid: 'CA1' } };
  await trigger('other').expect(200);
});

test('a repeat that has found its key just before the key became free is a new request', async () => {
  await start();
  answer = { status: 429, body: {} };
  const isDialling = gate();
  const isAnswered = gate();
  beforeAnswer = () => {
    isDialling.open();
    return isAnswered.opened;
  };
  const first = trigger().then((reply) => reply);
  await isDialling.opened;

  const { read } = server.storage;
  const hasFound = gate();
  const mayGoOn = gate();
  jest.spyOn(server.storage, 'read', 'get').mockReturnValue({
    builder: read.builder,
    run: (asked) => read.run(asked),
    async first(asked) {
      const row = await read.first(asked);
      if (asked.sql.includes('idempotency_keys') && row !== undefined) {
        hasFound.open();
        await mayGoOn.opened;
      }
      return row;
    },
  });
  const repeat = trigger().then((reply) => reply);
  await hasFound.opened;
  isAnswered.open();
  expect((await first).headers).toHaveProperty('retry-after');
  answer = { status: 201, body: { sid: 'CA1' } };
  mayGoOn.open();
  const placed = await repeat;
  expect(placed.status).toBe(200);
  expect(placed.headers).not.toHaveProperty('idempotency-replayed');
  jest.restoreAllMocks();
});

function gate(): { opened: Promise<void>; open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

test('it does not count for the daily limit', async () => {
  await start();
  await limitTo({ daily_calls_per_key: 1 });
  answer = { status: 429, body: {} };
  await trigger().expect(400);
  await trigger().expect(400);
  answer = { status: 201, body: { sid: 'CA1' } };
  await trigger().expect(200);
  await trigger('other').expect(429);
});

test('it does not count for the limit of calls to its number', async () => {
  await start();
  await limitTo({ max_calls_per_number: { calls: 1, window: 'P1D' } });
  answer = { status: 429, body: {} };
  await trigger().expect(400);
  await trigger().expect(400);
  answer = { status: 201, body: { sid: 'CA1' } };
  await trigger().expect(200);
  await trigger('other').expect(422);
});

async function limitTo(policy: object): Promise<void> {
  await server.request
    .put('/api/v1/organizations/destination-policy')
    .set('Authorization', `Bearer ${account.token}`)
    .send(policy)
    .expect(200);
}

const limits: [string, object, number][] = [
  ['the daily limit', { daily_calls_per_key: 1 }, 429],
  ['the limit of calls to its number', { max_calls_per_number: { calls: 1, window: 'P1D' } }, 422],
];

test.each(limits)(
  'it does not count for %s where it is recorded as refused, because its caller was told that it may ring',
  async (_title, policy, beyond) => {
    await start();
    await limitTo(policy);
    answer = { status: 429, body: {} };
    failWriteOfOutcome();
    const unknown = await trigger().expect(504);
    await server.advance(60_000);
    expect(await readRun(server, account, runIdOf(unknown.headers.location))).toMatchObject({
      reason: 'refused_by_carrier',
    });
    answer = { status: 201, body: { sid: 'CA1' } };
    await trigger('other').expect(200);
    await server.advance(60_000);
    await trigger('third').expect(beyond);
  },
);

/** The write of the outcome is refused once, as on a full disk. */
function failWriteOfOutcome(): void {
  let writes = 0;
  server.storage.tap({
    beforeWrite() {
      writes += 1;
      if (writes === 2) throw new Error('disk full');
    },
  });
}

test('it gives back its place in the daily limit once, although the write of its outcome is repeated', async () => {
  await start({ DEFAULT_ORG_CONCURRENCY_LIMIT: '5' });
  await limitTo({ daily_calls_per_key: 2 });
  await trigger('first').expect(200);
  answer = { status: 429, body: {} };
  const { storage } = server.services;
  const write = storage.write.bind(storage);
  jest.spyOn(storage, 'write').mockImplementationOnce(async (body) => {
    await write(body);
    throw new Error('the reply was lost');
  });
  await trigger('second').expect(504);
  await server.advance(60_000);
  answer = { status: 201, body: { sid: 'CA2' } };
  await trigger('third').expect(200);
  await trigger('fourth').expect(429);
});

test('a refusal of the carrier is final: no Retry-After, and its key replays it', async () => {
  await start();
  answer = { status: 400, body: { code: 21211, message: 'Invalid To' } };
  const refused = await trigger().expect(400);
  expect(refused.headers).not.toHaveProperty('retry-after');
  expect(refused.body).toMatchObject({ code: 'call_refused' });
  const again = await trigger().expect(400);
  expect(again.headers['idempotency-replayed']).toBe('true');
  expect(dials).toBe(1);
});

test('on plain Dograh it is an ordinary refusal: no code, no Retry-After, the run ends in error', async () => {
  await start({ EXTENSIONS: '' });
  const refused = await whileCarrierIsAway(() => trigger().expect(400));
  expect(refused.body).toEqual({
    detail: 'Failed to initiate call: Twilio could not be reached; nobody was called.',
  });
  expect(refused.headers).not.toHaveProperty('retry-after');
  const list = await server.request
    .get('/api/v1/organizations/usage/runs')
    .set('X-API-Key', account.apiKey)
    .expect(200);
  expect((list.body as { runs: object[] }).runs).toMatchObject([{ disposition: 'error' }]);
});

test('a database that refuses the run is a 503 with Retry-After: nobody is dialled, and the same key places the call later', async () => {
  await start();
  server.storage.tap({
    beforeWrite() {
      server.storage.untap();
      throw new DatabaseRefusal('database or disk is full', new Error());
    },
  });
  const refused = await trigger().expect(503);
  expect(refused.body).toMatchObject({
    code: 'database_unavailable',
    detail: expect.stringContaining('no call was placed') as string,
  });
  expect(refused.headers['retry-after']).toBe('5');
  expect(dials).toBe(0);
  await trigger().expect(200);
  expect(dials).toBe(1);
});

test('a key that was used for another call is refused with the location of its run', async () => {
  await start();
  const first = await trigger().expect(200);
  const reused = await trigger('k', { initial_context: { name: 'Jo' } }).expect(422);
  expect(reused.body).toMatchObject({ code: 'idempotency_key_reused' });
  expect(reused.headers.location).toBe(first.headers.location);
});

test('a server that was paused between the record of a call and its dial calls nobody: others may have settled it', async () => {
  await start();
  const { storage, clock } = server.services;
  const write = storage.writeTogether.bind(storage);
  jest.spyOn(storage, 'writeTogether').mockImplementationOnce(async (body, item) => {
    const result = await write(body, item);
    server.clock.pass(16_000);
    return result;
  });
  const before = clock.steady();
  const refused = await trigger().expect(400);
  expect(clock.steady().getTime() - before.getTime()).toBeGreaterThan(15_000);
  expect(refused.body).toMatchObject({
    code: 'unavailable',
    detail: 'Failed to initiate call: the server was held up before it could dial, so nobody was called',
  });
  expect(refused.headers['retry-after']).toBe('1');
  expect((await readRun(server, account, runIdOf(refused.headers.location))).status).toBe('failed');
  expect(dials).toBe(0);
  await trigger().expect(200);
  expect(dials).toBe(1);
});
