/** The plans of prepared statements while a table grows, before PostgreSQL analyzes it again. */
import { CompiledQuery } from 'kysely';
import { Client } from 'pg';
import type { Storage, WriteSession } from '../../../trigger-server/src/storage/port';
import { openPostgres } from '../../../trigger-server/src/storage/postgres/open';
import { startPostgres, unsafeSettings, type PostgresServer } from './server';

const statementsEach = 20;

let postgres: PostgresServer;
let storage: Storage;
let admin: Client;

beforeAll(async () => {
  postgres = await startPostgres({ ...unsafeSettings, autovacuum: 'off' });
  const url = postgres.urlOf(await postgres.create());
  admin = new Client({ connectionString: url });
  await admin.connect();
  storage = await openPostgres(url, { connections: 1 });
}, 600_000);
afterAll(async () => {
  await admin.end();
  await postgres.stop();
});

/** @param first of the ids to change. */
async function change(session: WriteSession, first: number): Promise<void> {
  for (let id = first; id < first + statementsEach; id += 1) {
    await session.run(CompiledQuery.raw('update "grown" set "value" = $1 where "id" = $2', ['new', id]));
  }
}

/** Two writes at once, whose statements go to PostgreSQL together. */
async function changeTimes(transactions: number): Promise<void> {
  for (let count = 0; count < transactions; count += 1) {
    await Promise.all([
      storage.write((session) => change(session, 1)),
      storage.write((session) => change(session, 1 + statementsEach)),
    ]);
  }
}

async function insertUpTo(last: number): Promise<void> {
  await admin.query(
    `insert into grown select n, 'old' from generate_series(1, $1::int) as n on conflict do nothing`,
    [last],
  );
}

test('a statement that was planned for a small table does not read all of it for long when it has grown', async () => {
  await admin.query('create table grown (id integer primary key, value text)');
  await insertUpTo(10);
  await admin.query('analyze grown');
  await changeTimes(1);
  await insertUpTo(20_000);
  const transactions = 200;
  await changeTimes(transactions);
  // PostgreSQL counts what a connection did when it ends.
  await storage.close();
  const { rows } = await admin.query<{ scans: string }>(
    `select seq_scan as scans from pg_stat_user_tables where relname = 'grown'`,
  );
  expect(Number(rows[0]?.scans)).toBeLessThan((transactions * statementsEach) / 2);
});
