/** A PostgreSQL database of another version: an older one is migrated as on SQLite, a newer one is refused. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { findCallLimits } from '../../../trigger-server/src/accounts/organizations';
import type * as Copy from '../../../trigger-server/src/storage/copy';
import type * as History from '../../../trigger-server/src/storage/migrations/history';
import { openPostgres } from '../../../trigger-server/src/storage/postgres/open';
import { openSqlite } from '../../../trigger-server/src/storage/sqlite/open';
import type * as Sqlite from '../../../trigger-server/src/storage/sqlite/open';
import { database as fixture, secretsKey } from '../../support/fixture-8d8c49d';
import { startServerProcess } from '../../support/server-process';
import { startPostgres, unsafeSettings, type PostgresServer } from './server';
import { rowsOfPostgres, rowsOfSqlite } from './all-rows';

const historyModule = '../../../trigger-server/src/storage/migrations/history';

let postgres: PostgresServer;
let folder: string;
let url: string;
beforeAll(async () => {
  postgres = await startPostgres(unsafeSettings);
  folder = mkdtempSync(join(tmpdir(), 'postgres-migrations-'));
}, 600_000);
afterAll(async () => {
  await postgres.stop();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  url = postgres.urlOf(await postgres.create());
});

async function change(statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** @param body gets the server's modules as they were when PostgreSQL came, with fewer migrations. */
async function withFirstVersion(
  body: (modules: { sqlite: typeof Sqlite; copy: typeof Copy }) => Promise<void>,
): Promise<void> {
  const { migrations, firstPostgresMigration } = jest.requireActual<typeof History>(historyModule);
  const first = migrations.filter(({ name }) => name <= firstPostgresMigration);
  jest.doMock(historyModule, () => ({ migrations: first, firstPostgresMigration }));
  try {
    await jest.isolateModulesAsync(async () => {
      const source = '../../../trigger-server/src/storage';
      await body({
        sqlite: jest.requireActual<typeof Sqlite>(`${source}/sqlite/open`),
        copy: jest.requireActual<typeof Copy>(`${source}/copy`),
      });
    });
  } finally {
    jest.dontMock(historyModule);
  }
}

test('a database of the first version with PostgreSQL gets the same rows as its SQLite file', async () => {
  const file = join(folder, 'trigger.db');
  copyFileSync(fixture, file);
  await withFirstVersion(async ({ sqlite, copy }) => {
    await sqlite.openSqlite(file).close();
    await copy.copyToPostgres(file, url);
  });
  await expect(openPostgres(url, { migrate: false })).rejects.toThrow('is empty or of an older version');
  await openSqlite(file).close();
  await (await openPostgres(url)).close();
  const rows = rowsOfSqlite(file);
  expect(rows.get('runs')).toHaveLength(23);
  expect(await rowsOfPostgres(url, rows.keys())).toEqual(rows);
});

test('a server does not start on a database that a newer version has changed, and leaves it unchanged', async () => {
  await (await openPostgres(url)).close();
  await change("insert into schema_migrations (name, applied_at) values ('9999_of_tomorrow', 'then')");
  const before = await rowsOfPostgres(url, ['organizations', 'processes', 'secrets_canaries']);
  const environment = {
    DATABASE_URL: url,
    SECRETS_KEY: secretsKey,
    ARTIFACTS_DIR: join(folder, 'artifacts'),
  };
  await expect(startServerProcess(environment)).rejects.toThrow(
    /The server did not start: The database was changed by a newer version .*9999_of_tomorrow.* Start the newer version again/,
  );
  expect(await rowsOfPostgres(url, before.keys())).toEqual(before);
});

test('calling hours of one window, whose times stood beside the time zone, are kept', async () => {
  await (await openPostgres(url)).close();
  const before = { from: '09:00', to: '20:00', days: ['monday'], time_zone: 'Europe/Berlin' };
  const policies = [{ calling_hours: before, blocked_numbers: ['+1900*'] }, { calling_hours: null }];
  await change("delete from schema_migrations where name = '0048_calling_windows'");
  for (const policy of [...policies.map((one) => `'${JSON.stringify(one)}'`), 'null']) {
    await change(
      `insert into organizations (name, concurrency_limit, created_at, destination_policy) values ('A', 1, 'then', ${policy})`,
    );
  }
  const storage = await openPostgres(url);
  try {
    const migrated = await Promise.all([1, 2, 3].map((id) => findCallLimits(storage.read, id)));
    const { time_zone, ...window } = before;
    expect(migrated.map(({ policy }) => JSON.parse(policy ?? '"none"') as unknown)).toEqual([
      { calling_hours: { windows: [window], holidays: [], time_zone }, blocked_numbers: ['+1900*'] },
      { calling_hours: null },
      'none',
    ]);
  } finally {
    await storage.close();
  }
});
