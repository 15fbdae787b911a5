/**
 * The database of a test server: SQLite, or PostgreSQL where `tests/real/postgres/whole.ts` has started one. Each test
 * server has a database of its own, a copy of one that is migrated already.
 */
import { randomUUID } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { copyToPostgres } from '../../trigger-server/src/storage/copy';
import type { Storage } from '../../trigger-server/src/storage/port';
import { openPostgres } from '../../trigger-server/src/storage/postgres/open';
import { openSqlite } from '../../trigger-server/src/storage/sqlite/open';
import { emptyDatabase } from './empty-database';

/** The environment variables that pass a running PostgreSQL to Jest's workers. */
export const postgresVariables = { url: 'TEST_POSTGRES_URL', template: 'TEST_POSTGRES_TEMPLATE' } as const;

/** Whether the test servers of this run use PostgreSQL. */
export const isOnPostgres = process.env[postgresVariables.url] !== undefined;

export interface TestDatabase {
  /** For `DATABASE_URL`. */
  url: string;
  /** The SQLite file; on PostgreSQL a path where nothing is. */
  file: string;
  storage: Storage;
  /** Every text in the database as it is stored, for tests that look for one that must not be there. */
  storedText: () => Promise<string>;
  /** After the storage is closed. */
  remove: () => Promise<void>;
}

/**
 * @param folder of the test server.
 * @param original a SQLite file, of which a copy is opened (default: an empty database). On PostgreSQL it is migrated, and
 *   then copied there.
 */
export async function openTestDatabase(folder: string, original?: string): Promise<TestDatabase> {
  const file = join(folder, 'trigger.db');
  const from = original ?? (isOnPostgres ? undefined : emptyDatabase());
  if (from !== undefined) copyFileSync(from, file);
  if (isOnPostgres) return { ...(await openOnPostgres(original === undefined ? null : file)), file };
  return {
    url: `file:${file}`,
    file,
    storage: openSqlite(file),
    storedText: () => Promise.resolve(textIn([file, `${file}-wal`])),
    remove: () => Promise.resolve(),
  };
}

/** @param file a SQLite file that is copied into the new database; null: it is empty. */
async function openOnPostgres(file: string | null): Promise<Omit<TestDatabase, 'file'>> {
  const server = new URL(process.env[postgresVariables.url] ?? '');
  const template = process.env[postgresVariables.template] ?? '';
  const name = `server_${randomUUID().replaceAll('-', '')}`;
  await onServer(server, `create database ${name} template ${template} strategy file_copy`);
  const url = new URL(`/${name}`, server).href;
  if (file !== null) {
    await openSqlite(file).close();
    await copyToPostgres(file, url);
  }
  return {
    url,
    storage: await openPostgres(url, { migrate: false, connections: 4 }),
    storedText: () => textInPostgres(url),
    remove: () => onServer(server, `drop database if exists ${name} with (force)`),
  };
}

function textIn(files: readonly string[]): string {
  return files
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file, 'latin1'))
    .join('');
}

/** Every row of every table. */
export async function textInPostgres(url: string): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ text: string }>(
      "select schema_to_xml('public', true, false, '')::text as text",
    );
    return rows[0]?.text ?? '';
  } finally {
    await client.end();
  }
}

async function onServer(server: URL, statement: string): Promise<void> {
  const client = new Client({ connectionString: new URL('/postgres', server).href });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
