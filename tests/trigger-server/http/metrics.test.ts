/** `/metrics`: the metrics of the process and of its database, only for the operator. */
import type { CompiledQuery } from 'kysely';
import Libsql from 'libsql';
import { readConfig } from '../../../trigger-server/src/config';
import { DatabaseRefusal } from '../../../trigger-server/src/storage/port';
import { createAgent } from '../../support/agents';
import { startCall } from '../../support/calls';
import { addConfiguration, addTwilio } from '../../support/telephony';
import { isOnPostgres } from '../../support/test-database';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import { startTwilio } from '../../support/vendors/twilio';
import { receiversAllowed, startReceiver } from '../../support/webhooks';

const token = 'metrics-0123456789abcdef';
let server: TestServer;

afterEach(() => server.close());

async function start(environment: Record<string, string> = { METRICS_TOKEN: token }): Promise<void> {
  server = await startTestServer(environment);
}

const read = (authorization?: string) =>
  fetch(`${server.baseUrl}/metrics`, { headers: authorization === undefined ? {} : { authorization } });

/** The lines without comments. */
async function page(): Promise<string[]> {
  const reply = await read(`Bearer ${token}`);
  expect(reply.headers.get('content-type')).toContain('text/plain');
  const text = await reply.text();
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

/** The value of a metric with these labels, as they stand on the page: `name{label="value"}`. */
async function valueOf(metric: string): Promise<number | undefined> {
  const line = (await page()).find((one) => one.startsWith(`${metric} `));
  return line === undefined ? undefined : Number(line.slice(metric.length));
}

const triggersOf = (outcome: string, reason = '') =>
  valueOf(`dograh_trigger_triggers_total{outcome="${outcome}",reason="${reason}"}`);

/** Asks the database again, which happens at most every five seconds. */
const later = () => server.advance(5000);

async function sandboxAgent() {
  const account = await server.signUp();
  await addConfiguration(server, account, { name: 'Sandbox', is_default_outbound: true });
  return { account, agent: await createAgent(server, account) };
}

const call = (account: Account, path: string, body: object, headers: Record<string, string> = {}) =>
  server.request
    .post(`/api/v1/public/agent/${path}`)
    .set('X-API-Key', account.apiKey)
    .set(headers)
    .send(body);

describe('who may read them', () => {
  test.each([undefined, 'Bearer metrics-0123456789abcdeg', token, 'Bearer '])(
    'with the token %p the metrics are refused with a reason',
    async (authorization) => {
      await start();
      const reply = await read(authorization);
      expect(reply.status).toBe(401);
      expect(await reply.json()).toMatchObject({
        detail: 'Send the METRICS_TOKEN of this server as a bearer token',
      });
    },
  );

  test('without METRICS_TOKEN there is no page beside the API', async () => {
    await start({ METRICS_PORT: '9' });
    expect((await read('Bearer ')).status).toBe(404);
  });

  test('a token that could be guessed keeps the server from starting', async () => {
    await start({});
    expect(() => readConfig({ METRICS_TOKEN: 'short' })).toThrow(/METRICS_TOKEN: must have at least 16/);
  });
});

test('requests without a valid key, token or signature are counted, and good ones are not', async () => {
  await start();
  const { apiKey } = await server.signUp();
  const me = `${server.baseUrl}/api/v1/user/auth/user`;
  const counted = () => valueOf('dograh_trigger_unauthenticated_requests_total');
  expect(await counted()).toBe(0);
  await fetch(me, { headers: { 'X-API-Key': 'dgr_wrong' } });
  await fetch(me, { headers: { Authorization: 'Bearer wrong' } });
  await fetch(me);
  expect((await fetch(me, { headers: { 'X-API-Key': apiKey } })).status).toBe(200);
  expect(await counted()).toBe(3);
});

describe('requests for a call', () => {
  const body = { phone_number: '+14155550100' };

  test('are counted by outcome, and by the code of what prevented the call', async () => {
    await start({ METRICS_TOKEN: token, DEFAULT_ORG_CONCURRENCY_LIMIT: '1' });
    const { account, agent } = await sandboxAgent();
    await call(account, agent.triggerPath, { phone_number: '+15005550001' }).expect(400);
    await call(account, agent.triggerPath, body, { 'Idempotency-Key': 'k' }).expect(200);
    await call(account, agent.triggerPath, body, { 'Idempotency-Key': 'k' }).expect(200);
    await call(account, agent.triggerPath, body).expect(429);
    await call(account, 'no-such-trigger', body).expect(404);
    server.services.lifecycle.draining = true;
    await call(account, agent.triggerPath, body).expect(503);
    expect(await triggersOf('refused')).toBe(1);
    expect(await triggersOf('placed')).toBe(1);
    expect(await triggersOf('replayed')).toBe(1);
    expect(await triggersOf('rejected', 'concurrency_limit')).toBe(1);
    expect(await triggersOf('rejected', 'trigger_not_found')).toBe(1);
    expect(await triggersOf('rejected', 'draining')).toBe(1);
  });

  test('that the database or the server itself failed are counted as such', async () => {
    await start();
    const { account, agent } = await sandboxAgent();
    const failWith = (error: Error) => {
      server.storage.tap({
        beforeWrite: () => {
          throw error;
        },
      });
    };
    failWith(new DatabaseRefusal('no', new Error('no')));
    await call(account, agent.triggerPath, body).expect(503);
    failWith(new Error('a fault in the code'));
    await call(account, agent.triggerPath, body).expect(500);
    server.storage.untap();
    expect(await triggersOf('rejected', 'database_unavailable')).toBe(1);
    expect(await triggersOf('rejected', 'internal_error')).toBe(1);
  });

  test('show how long each carrier took to answer, and whether it answers questions', async () => {
    const vendor = await startTwilio();
    try {
      await start({
        METRICS_TOKEN: token,
        TWILIO_API_BASE_URL: vendor.origin,
        PUBLIC_BASE_URL: 'https://calls.example.test',
      });
      const account = await server.signUp();
      await addTwilio(server, account, { name: 'Carrier', number: '+14155550123' });
      const agent = await createAgent(server, account);
      await startCall(server, account, agent, body);
      vendor.play('server-error');
      await call(account, agent.triggerPath, body).expect(504);
      const dials = (outcome: string) =>
        valueOf(`dograh_trigger_dial_seconds_count{carrier="twilio",outcome="${outcome}"}`);
      expect(await dials('placed')).toBe(1);
      expect(await dials('unknown')).toBe(1);
      await server.advance(61_000);
      const answered = 'dograh_trigger_carrier_questions_total{carrier="twilio",result="answered"}';
      expect(await valueOf(answered)).toBeGreaterThan(0);
    } finally {
      await vendor.close();
    }
  });
});

describe('what stands in the database', () => {
  test('calls under way, and nothing once they have ended', async () => {
    await start();
    const { account, agent } = await sandboxAgent();
    await startCall(server, account, agent, { phone_number: '+14155550100' });
    expect(await valueOf('dograh_trigger_open_runs')).toBe(1);
    await later();
    expect(await valueOf('dograh_trigger_open_runs')).toBe(0);
  });

  test('deliveries that are due, and since when', async () => {
    const receiver = await startReceiver();
    try {
      await start({ METRICS_TOKEN: token, ...receiversAllowed });
      const { account, agent } = await sandboxAgent();
      const due = () => valueOf('dograh_trigger_due{work="deliveries"}');
      const age = () => valueOf('dograh_trigger_oldest_due_seconds{work="deliveries"}');
      expect(await due()).toBe(0);
      expect(await age()).toBe(0);
      const callback = { phone_number: '+14155550100', callback_url: receiver.url };
      await startCall(server, account, agent, callback);
      await startCall(server, account, agent, callback);
      // Nothing sends here, so both stay due.
      await server.advance(70_000);
      expect(await due()).toBe(2);
      expect(await age()).toBeGreaterThanOrEqual(60);
    } finally {
      await receiver.close();
    }
  });

  test('it is asked at most every five seconds, and only when somebody reads the page', async () => {
    await start();
    let queries = 0;
    server.storage.tap({ beforeQuery: () => (queries += 1) });
    await later();
    expect(queries).toBe(0);
    await page();
    const once = queries;
    expect(once).toBeGreaterThan(0);
    for (let turn = 0; turn < 10; turn += 1) await page();
    expect(queries).toBe(once);
    await later();
    await page();
    expect(queries).toBe(2 * once);
  });

  // The plans of SQLite.
  if (!isOnPostgres) {
    test('reading it walks through small indexes, never through all calls or deliveries', async () => {
      await start();
      const queries: CompiledQuery[] = [];
      server.storage.tap({ beforeQuery: (query) => void queries.push(query) });
      await page();
      const database = new Libsql(server.databaseFile);
      const steps = queries.flatMap(({ sql, parameters }) =>
        (database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(parameters) as { detail: string }[]).map(
          ({ detail }) => detail,
        ),
      );
      database.close();
      const ofTables = steps.filter((step) => /runs|webhook_deliveries|awaited_recordings/.test(step));
      expect(ofTables).toHaveLength(queries.length);
      expect(ofTables.filter((step) => !/USING (?:COVERING )?INDEX/.test(step))).toEqual([]);
    });
  }

  test('a database that does not answer is shown, and the rest of the page stands', async () => {
    await start();
    server.storage.tap({
      beforeQuery: () => {
        throw new DatabaseRefusal('no', new Error('no'));
      },
    });
    expect(await valueOf('dograh_trigger_database_answers')).toBe(0);
    expect(await valueOf('dograh_trigger_open_runs')).toBeUndefined();
    expect(await valueOf('dograh_trigger_unauthenticated_requests_total')).toBe(0);
    server.storage.untap();
    await later();
    expect(await valueOf('dograh_trigger_database_answers')).toBe(1);
    expect(await valueOf('dograh_trigger_open_runs')).toBe(0);
  });
});

test('no label names a tenant, a phone number or an agent: each value is a word of the server', async () => {
  await start();
  const { account, agent } = await sandboxAgent();
  await call(account, agent.triggerPath, { phone_number: '+14155550100' }).expect(200);
  await call(account, 'no-such-trigger', { phone_number: '+14155550100' }).expect(404);
  const labels = (await page()).flatMap((line) =>
    [...(/\{(.*)\}/.exec(line)?.[1] ?? '').matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => ({
      name,
      value,
    })),
  );
  expect(new Set(labels.map(({ name }) => name))).toEqual(
    new Set(['outcome', 'reason', 'carrier', 'le', 'work']),
  );
  const words = labels.filter(({ name }) => name !== 'le').map(({ value }) => value);
  expect(words.filter((value) => !/^[a-z_-]*$/.test(value ?? ''))).toEqual([]);
});
