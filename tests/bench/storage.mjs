/**
 * PostgreSQL 18 with fsync, and 50 organizations: what a second process adds. The storage layer alone, without HTTP: the
 * calls per second of two processes against one. Whole servers: the CPU of a trigger, PostgreSQL's included, with two
 * servers that share its requests against one; and the rate of one server against the same server on SQLite.
 *
 * Each process and each server has as many callers as the one that it is compared with: half of them would compare a busy
 * server with two idle ones, whose transactions carry half as many calls. They are called without a proxy, which would
 * use CPU of the same machine. So does the program that calls them: on two cores, a rate is limited by all of them together.
 */
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { compare, connections, judge, loadTrigger, withProcesses } from './measure.mjs';
import { startPostgres } from './postgres.mjs';

/** At most 1.15 times the CPU. */
const targets = { storage: 1.7, twoServers: 0.87, onPostgres: 0.7 };

const { Client } = createRequire(new URL('../../trigger-server/package.json', import.meta.url))('pg');
const calls = fileURLToPath(new URL('./storage-calls.cjs', import.meta.url));

/** @returns the key and the trigger of each organization, as JSON. */
function seed(variables) {
  const env = { PATH: process.env.PATH, ...variables };
  return execFileSync(process.execPath, [calls, 'seed'], { env, encoding: 'utf8' });
}

async function sumOf(numbers) {
  return (await Promise.all(numbers)).reduce((sum, number) => sum + number, 0);
}

/** Null where nothing measures the time of a single call. */
function slowest(milliseconds) {
  return milliseconds.includes(null) ? null : Math.max(...milliseconds);
}

/** What several did at the same time. */
function together(parts) {
  const sum = (of) => parts.reduce((total, part) => total + of(part), 0);
  return {
    total: sum(({ total }) => total),
    perSecond: sum(({ perSecond }) => perSecond),
    p50: slowest(parts.map(({ p50 }) => p50)),
    p99: slowest(parts.map(({ p99 }) => p99)),
  };
}

/** Processes that use the storage layer alone, at the same time. */
function storageTarget(name, processes, postgres) {
  const load = async ({ amount, duration }) => {
    const length = amount === undefined ? `duration=${duration}` : `amount=${amount}`;
    const parts = processes.map(async ({ url }) => {
      const { total, seconds } = await (await fetch(`${url}/?${length}`, { method: 'POST' })).json();
      return { total, perSecond: total / seconds, p50: null, p99: null };
    });
    return together(await Promise.all(parts));
  };
  return { name, load, cpu: async () => postgres.cpu() + (await sumOf(processes.map(({ cpu }) => cpu()))) };
}

/**
 * Each connection begins with another organization: if all went through the same list in step, they would call for one
 * organization at a time.
 */
function spread(callers) {
  let begun = 0;
  const requests = callers.map(({ key, path }) => ({
    path: `/api/v1/public/agent/${path}`,
    headers: { 'content-type': 'application/json', 'x-api-key': key },
  }));
  return (client) => {
    client.setRequests([...requests.slice(begun), ...requests.slice(0, begun)]);
    begun = (begun + 1) % requests.length;
  };
}

/**
 * Servers that are called at the same time.
 * @param database `{ cpu, settled }`: the CPU of everything that the calls may use beside these servers, and a promise of the
 * end of all calls. Null where the database is part of the server.
 */
function serverTarget(name, servers, callers, database) {
  const setupClient = spread(JSON.parse(callers));
  const load = async ({ amount, ...length }) => {
    const own = { ...length, ...(amount === undefined ? {} : { amount: amount / servers.length }) };
    const parts = servers.map(({ url }) =>
      loadTrigger(url, {
        ...own,
        connections,
        setupClient,
      }),
    );
    const loaded = together(await Promise.all(parts));
    // A call ends after its reply. What is left of it belongs to this turn, not to the next one.
    await database?.settled();
    return loaded;
  };
  return {
    name,
    load,
    cpu: async () => ((await database?.cpu()) ?? 0) + (await sumOf(servers.map(({ cpu }) => cpu()))),
  };
}

await withProcesses(async ({ start, startServer, folder }) => {
  const postgres = await startPostgres(folder);
  try {
    const shared = {
      SECRETS_KEY: 'a'.repeat(64),
      ARTIFACTS_DIR: join(folder, 'artifacts'),
      DEFAULT_ORG_CONCURRENCY_LIMIT: '1000000',
      KEY_REQUESTS_PER_SECOND: '0',
      SEED_DEMO: 'false',
    };
    const onPostgres = async () => ({ ...shared, DATABASE_URL: postgres.urlOf(await postgres.create()) });

    const alone = await onPostgres();
    const processes = [];
    const layerCallers = seed(alone);
    for (let count = 0; count < 2; count += 1) {
      processes.push(await start('./storage-calls.cjs', [layerCallers], alone));
    }
    const layer = await compare(
      storageTarget('two processes', processes, postgres),
      storageTarget('one process', processes.slice(0, 1), postgres),
    );
    judge('The storage layer of two processes on one PostgreSQL', layer, targets.storage, 'byRate');

    const whole = await onPostgres();
    const callers = seed(whole);
    const servers = [await startServer(whole), await startServer(whole)];
    const database = new Client({ connectionString: whole.DATABASE_URL });
    await database.connect();
    const settled = async () => {
      const open = 'select 1 from runs where completed_at is null limit 1';
      while ((await database.query(open)).rows.length > 0) await pause(50);
    };
    // The one that is not called ends calls of the other.
    const both = { cpu: async () => postgres.cpu() + (await servers[1].cpu()), settled };
    const two = await compare(
      serverTarget('two servers', servers, callers, { cpu: () => postgres.cpu(), settled }),
      serverTarget('one server', servers.slice(0, 1), callers, both),
    );
    judge('The CPU of a trigger with two servers on one PostgreSQL', two, targets.twoServers);

    // As the whole of it: a server beside it on the same database would end some of its calls.
    await Promise.all(servers.map((server) => server.end()));
    const single = await startServer(whole);
    const onSqlite = { ...shared, DATABASE_URL: `file:${join(folder, 'sqlite.db')}` };
    const sqliteCallers = seed(onSqlite);
    const sqlite = await startServer(onSqlite);
    const one = await compare(
      serverTarget('PostgreSQL', [single], callers, { cpu: () => postgres.cpu(), settled }),
      serverTarget('SQLite', [sqlite], sqliteCallers, null),
    );
    await database.end();
    judge('One server on PostgreSQL', one, targets.onPostgres, 'byRate');
  } finally {
    await postgres.stop();
  }
});
