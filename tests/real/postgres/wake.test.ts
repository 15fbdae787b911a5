/** Signals between the servers of one PostgreSQL: work that one has written begins in another before its next round. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { openPostgres } from '../../../trigger-server/src/storage/postgres/open';
import { startServerProcess, type ServerProcess } from '../../support/server-process';
import { usualSecretsKey } from '../../support/test-server';
import { receiversAllowed, startReceiver, type Receiver } from '../../support/webhooks';
import { until } from '../until';
import { startPostgres, unsafeSettings, type PostgresServer } from './server';

const apiKey = `dgr_${'w'.repeat(43)}`;
const channel = 'dograh_trigger_work';
/** Without signals, a call waits half a second for a round on average, and its event for another half. */
const mostMilliseconds = 300;

let postgres: PostgresServer;
let url: string;
let receiver: Receiver;
const servers: ServerProcess[] = [];

beforeAll(async () => {
  postgres = await startPostgres(unsafeSettings);
}, 600_000);
afterAll(() => postgres.stop());

beforeEach(async () => {
  url = postgres.urlOf(await postgres.create());
  receiver = await startReceiver();
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop('SIGKILL')));
  await receiver.close();
});

async function start(role: string, stepMilliseconds: number): Promise<ServerProcess> {
  const server = await startServerProcess({
    DATABASE_URL: url,
    SECRETS_KEY: usualSecretsKey,
    // Both have the same folder; no call of this suite is recorded.
    ARTIFACTS_DIR: join(tmpdir(), 'wake-artifacts'),
    BOOTSTRAP_API_KEY: apiKey,
    SANDBOX_STEP_MS: String(stepMilliseconds),
    ROLE: role,
    ...receiversAllowed,
  });
  servers.push(server);
  return server;
}

/** One server that only serves the API, and one that only works. */
async function startBoth(stepMilliseconds: number): Promise<ServerProcess> {
  const api = await start('api', stepMilliseconds);
  await start('worker', stepMilliseconds);
  await until('one server listens', async () => (await countListeners()) === 1);
  return api;
}

async function query<Row extends object>(text: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

async function countListeners(): Promise<number> {
  const rows = await query<{ state: string }>(
    `select state from pg_stat_activity
     where datname = current_database() and query = 'listen ${channel}' and state = 'idle'`,
  );
  return rows.length;
}

/** @returns the address of the run. */
async function place(api: ServerProcess): Promise<string> {
  const [, triggerUrl = ''] = /POST (\S+)/.exec(api.output) ?? [];
  const reply = await fetch(triggerUrl, {
    method: 'POST',
    headers: { 'X-API-Key': apiKey, 'Content-Type': 'application/json' },
    body: JSON.stringify({ phone_number: '+14155550100', callback_url: receiver.url }),
  });
  expect(reply.status).toBe(200);
  return `${api.baseUrl}${reply.headers.get('location') ?? ''}`;
}

async function cancel(run: string): Promise<void> {
  const reply = await fetch(`${run}/cancel`, { method: 'POST', headers: { 'X-API-Key': apiKey } });
  expect(reply.status).toBe(202);
}

/** How long after `begin` its event arrives, the median of so many times, in milliseconds. */
async function medianToEvent(times: number, begin: () => Promise<unknown>): Promise<number> {
  const measured: number[] = [];
  for (let index = 0; index < times; index += 1) {
    const arrived = receiver.next();
    await begin();
    const begunAt = performance.now();
    await arrived;
    measured.push(performance.now() - begunAt);
  }
  measured.sort((a, b) => a - b);
  return measured[Math.floor(times / 2)] ?? Infinity;
}

test('a call that one server has placed goes on to its end in another one, without waiting for a round', async () => {
  const api = await startBoth(0);
  expect(await medianToEvent(10, () => place(api))).toBeLessThan(mostMilliseconds);
}, 60_000);

test('the event of a call that ends in one server is sent by another one, without waiting for a round', async () => {
  const api = await startBoth(600_000);
  const runs: string[] = [];
  for (let index = 0; index < 10; index += 1) runs.push(await place(api));
  const median = await medianToEvent(10, () => cancel(runs.pop() ?? ''));
  expect(median).toBeLessThan(mostMilliseconds);
}, 60_000);

test('only a server that does the work listens', async () => {
  await startBoth(0);
  await start('api', 0);
  expect(await countListeners()).toBe(1);
}, 60_000);

test('after a restart of PostgreSQL the servers wake one another again', async () => {
  const api = await startBoth(0);
  await postgres.restart();
  await until('the worker listens again', async () => (await countListeners()) === 1);
  expect(await medianToEvent(10, () => place(api))).toBeLessThan(mostMilliseconds);
}, 60_000);

test('a worker looks for work when it listens again, because it may have missed a signal', async () => {
  const storage = await openPostgres(url);
  const heard: (() => void)[] = [];
  const next = () => new Promise<void>((resolve) => heard.push(resolve));
  const first = next();
  storage.wake?.listen('deliveries', () => heard.shift()?.());
  await first;
  const second = next();
  await postgres.restart();
  await second;
  await storage.close();
}, 60_000);

test('a thousand writes that signal cause at most one NOTIFY every 20 ms', async () => {
  const storage = await openPostgres(url);
  const listener = new Client({ connectionString: url });
  await listener.connect();
  await listener.query(`listen ${channel}`);
  let count = 0;
  const isOver = new Promise<void>((resolve) =>
    listener.on('notification', ({ payload }) => {
      if (payload === 'over') resolve();
      else count += 1;
    }),
  );
  const begunAt = performance.now();
  for (let round = 0; round < 50; round += 1) {
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        await storage.write((session) => session.lock('organization', 1));
        storage.wake?.signal('follow-ups');
      }),
    );
  }
  const took = performance.now() - begunAt;
  await storage.close();
  await query(`notify ${channel}, 'over'`);
  await isOver;
  await listener.end();
  expect(count).toBeGreaterThan(0);
  expect(count).toBeLessThanOrEqual(took / 19 + 2);
  expect(count).toBeLessThan(1000);
}, 60_000);
