/** `npm run admin -- copy` on a real PostgreSQL: a server goes on there with everything that it had in its SQLite file. */
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Libsql from 'libsql';
import { Client } from 'pg';
import request from 'supertest';
import { holdDatabaseNow } from '../../../trigger-server/src/storage/sqlite/sole-process';
import { runAdmin } from '../../support/admin';
import { account, database as fixture, plain, secretsKey, viaTwilio } from '../../support/fixture-8d8c49d';
import { freeTcpPort } from '../../support/free-port';
import { startServerProcess, type ServerProcess } from '../../support/server-process';
import { startTwilio } from '../../support/vendors/twilio';
import type { Vendor } from '../../support/vendors/vendor';
import { rowsOfPostgres, rowsOfSqlite, tablesOfSqlite } from './all-rows';
import { startPostgres, unsafeSettings, type PostgresServer } from './server';

const keyed = { phone_number: '+15005550011', initial_context: { user: { name: 'Jane' } } };

let postgres: PostgresServer;
let twilio: Vendor;
let folder: string;
/** A database with rows in every table. Its key is in the file beside it. */
let original: string;
/** A call that was placed on SQLite, as its own server shows it. */
let placed: { id: number; run: unknown };
beforeAll(async () => {
  postgres = await startPostgres(unsafeSettings);
  twilio = await startTwilio();
  folder = mkdtempSync(join(tmpdir(), 'copy-'));
  original = join(folder, 'original.db');
  copyFileSync(fixture, original);
  writeFileSync(`${original}.key`, secretsKey, { mode: 0o600 });
  const server = await start({ DATABASE_URL: `file:${original}` });
  try {
    const reply = await trigger(server, keyed, 'copied-key').expect(200);
    const id = (reply.body as { workflow_run_id: number }).workflow_run_id;
    placed = { id, run: await endedRun(server, id) };
  } finally {
    // Killed, so that the row of its process stays.
    await server.stop('SIGKILL');
  }
  fillEmptyTables(original);
}, 600_000);

afterAll(async () => {
  await postgres.stop();
  await twilio.close();
  rmSync(folder, { recursive: true });
});

let file: string;
let target: string;
let copies = 0;
beforeEach(async () => {
  copies += 1;
  file = join(folder, `${copies}.db`);
  copyFileSync(original, file);
  copyFileSync(`${original}.key`, `${file}.key`);
  target = postgres.urlOf(await postgres.create());
});

/** Carriers call it back at a public address; the tests reach it at its port. */
async function start(environment: Record<string, string>): Promise<ServerProcess> {
  const port = await freeTcpPort();
  const server = await startServerProcess({
    PORT: String(port),
    PUBLIC_BASE_URL: 'https://calls.example.com',
    TWILIO_API_BASE_URL: twilio.origin,
    SANDBOX_STEP_MS: '1',
    ...environment,
  });
  return { ...server, baseUrl: `http://127.0.0.1:${port}` };
}

function trigger({ baseUrl }: ServerProcess, body: object, key: string) {
  return request(baseUrl)
    .post(`/api/v1/public/agent/${plain.triggerPath}`)
    .set('X-API-Key', account.apiKey)
    .set('Idempotency-Key', key)
    .send(body);
}

/** The run, once its call has ended; without its links, which each server signs anew. */
async function endedRun({ baseUrl }: ServerProcess, id: number): Promise<Record<string, unknown>> {
  for (;;) {
    const { body } = await request(baseUrl)
      .get(`/api/v1/workflow/${plain.id}/runs/${id}`)
      .set('X-API-Key', account.apiKey)
      .expect(200);
    const run = body as Record<string, unknown>;
    if (run['is_completed'] !== true) continue;
    return Object.fromEntries(Object.entries(run).filter(([name]) => !name.endsWith('_url')));
  }
}

const copy = (...words: string[]) => runAdmin({}, 'copy', ...words);
const copyAll = () => copy('--from', `file:${file}`, '--to', target);

/** One row for each table that has none, with values that its columns allow. */
function fillEmptyTables(path: string): void {
  const database = new Libsql(path);
  const texts = (query: string) => database.prepare(query).raw().all() as string[][];
  for (const table of tablesOfSqlite(database)) {
    if (database.prepare(`SELECT 1 FROM ${table}`).get() !== undefined) continue;
    const references = new Map(
      texts(`SELECT "from", "table" FROM pragma_foreign_key_list('${table}')`) as [string, string][],
    );
    const columns = texts(`SELECT name, type FROM pragma_table_info('${table}')`);
    const values = columns.map(([name = '', type]) => {
      const referenced = references.get(name);
      if (referenced !== undefined) return `(SELECT max(id) FROM ${referenced})`;
      if (type === 'INTEGER') return '1';
      return name.endsWith('_at') ? "'2026-11-01T00:00:00.000Z'" : `'${name}'`;
    });
    database.exec(`INSERT INTO ${table} VALUES (${values.join(', ')})`);
  }
  // A row that was deleted had the highest id.
  database.exec("UPDATE sqlite_sequence SET seq = seq + 100 WHERE name = 'runs'");
  // The tests copy the one file.
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.close();
}

async function countInTarget(): Promise<number> {
  const rows = await rowsOfPostgres(target, rowsOfSqlite(original).keys());
  return [...rows.values()].flat().length;
}

test('every row of every table is there, and the command names each table with its rows', async () => {
  const source = rowsOfSqlite(file);
  expect([...source].filter(([, rows]) => rows.length === 0)).toEqual([]);
  const { code, output } = await copyAll();
  expect({ code, output }).toMatchObject({ code: 0 });
  expect(await rowsOfPostgres(target, source.keys())).toEqual(source);
  for (const [table, rows] of source) {
    expect(output).toMatch(new RegExp(`^${table} +${rows.length}  [0-9a-f]{16}$`, 'm'));
  }
  expect(output).not.toContain(secretsKey);
  expect(output).toContain(`${file}.key`);
});

test('a server goes on with the copy: it shows the calls, repeats none, opens the carrier’s credentials, and gives out no id again', async () => {
  expect((await copyAll()).code).toBe(0);
  const server = await start({
    DATABASE_URL: target,
    SECRETS_KEY: secretsKey,
    ARTIFACTS_DIR: join(folder, 'artifacts'),
  });
  try {
    expect(await endedRun(server, placed.id)).toEqual(placed.run);
    const replay = await trigger(server, keyed, 'copied-key').expect(200);
    expect(replay.headers['idempotency-replayed']).toBe('true');
    expect(replay.body).toMatchObject({ workflow_run_id: placed.id });
    // The loopback carrier checks the account and its password.
    const { body } = await trigger(server, { phone_number: '+14155550100', ...viaTwilio }, 'new').expect(200);
    expect(twilio.dials).toHaveLength(1);
    expect((body as { workflow_run_id: number }).workflow_run_id).toBe(placed.id + 101);
  } finally {
    await server.stop();
  }
});

test('rows of a megabyte are copied a few at a time, however many there are', async () => {
  const count = 40;
  const database = new Libsql(file);
  database.exec(`
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${count})
    INSERT INTO run_events (run_id, events, created_at)
    SELECT (SELECT max(id) FROM runs), hex(zeroblob(524288)), '2026-11-01T00:00:00.000Z' FROM numbers`);
  database.close();
  expect(await copyAll()).toMatchObject({ code: 0 });
  const client = new Client({ connectionString: target });
  await client.connect();
  try {
    // Rows of one statement have the same command id.
    const { rows } = await client.query<{ rows: number }>(
      'select count(*)::int as rows from run_events where length(events) = 1048576 group by cmin::text order by min(id)',
    );
    expect(rows.map((statement) => statement.rows)).toEqual([16, 16, 8]);
  } finally {
    await client.end();
  }
});

test('a row that does not fit stops the copy without a trace, and the next copy succeeds', async () => {
  const database = new Libsql(file);
  database.exec('UPDATE runs SET call_duration_seconds = 1.5 WHERE id = 1');
  expect(await copyAll()).toEqual({
    code: 1,
    output: 'PostgreSQL refused rows of the table runs (22P02). Nothing was copied.\n',
  });
  expect(await countInTarget()).toBe(0);
  database.exec('UPDATE runs SET call_duration_seconds = 1 WHERE id = 1');
  database.close();
  expect((await copyAll()).code).toBe(0);
});

test('a database that is not empty is refused and stays as it is', async () => {
  expect((await copyAll()).code).toBe(0);
  const rows = await countInTarget();
  const again = await copyAll();
  expect(again).toMatchObject({
    code: 1,
    output: expect.stringMatching(/^The PostgreSQL database is not empty: \w+ has rows/) as string,
  });
  expect(await countInTarget()).toBe(rows);
});

test('a file that a server uses, one of an older version, and none at all are refused', async () => {
  const release = holdDatabaseNow(file);
  expect(await copyAll()).toMatchObject({
    code: 1,
    output: expect.stringContaining('Stop it first') as string,
  });
  release?.();

  copyFileSync(fixture, file);
  expect(await copyAll()).toMatchObject({
    code: 1,
    output: expect.stringContaining('is of an older version. Start the server once') as string,
  });

  rmSync(file);
  expect(await copyAll()).toMatchObject({
    code: 1,
    output: expect.stringContaining('is --from right?') as string,
  });
});

test('without --to the target is DATABASE_URL, and only SQLite to PostgreSQL is possible', async () => {
  const environment = { DATABASE_URL: target, SECRETS_KEY: secretsKey };
  expect(await runAdmin(environment, 'copy', '--from', `file:${file}`)).toMatchObject({ code: 0 });
  for (const words of [['--from', target], ['--from', `file:${file}`, '--to', `file:${file}.new`], []]) {
    expect(await copy(...words)).toMatchObject({ code: 1 });
  }
});
