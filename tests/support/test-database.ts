/**
 * The database of a test server: SQLite, or PostgreSQL where `tests/real/postgres/whole.ts` has started one. Each test
 * server has a database of its own, a copy of one that is migrated already.
 */
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
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
  /** After the storage is closed. */
  remove: () => Promise<void>;
}

/**
 * @param folder of the test server.
 * @param original a SQLite file, of which a copy is opened (default: an empty database). Such a test is about SQLite.
 */
export async function openTestDatabase(folder: string, original?: string): Promise<TestDatabase> {
  const file = join(folder, 'trigger.db');
  if (isOnPostgres && original === undefined) return { ...(await openOnPostgres()), file };
  const from = original ?? emptyDatabase();
  if (from !== undefined) copyFileSync(from, file);
  return { url: `file:${file}`, file, storage: openSqlite(file), remove: () => Promise.resolve() };
}

let made = 0;

async function openOnPostgres(): Promise<Omit<TestDatabase, 'file'>> {
  const server = new URL(process.env[postgresVariables.url] ?? '');
  const template = process.env[postgresVariables.template] ?? '';
  made += 1;
  const name = `server_${process.pid}_${made}`;
  await onServer(server, `create database ${name} template ${template} strategy file_copy`);
  const url = new URL(`/${name}`, server).href;
  return {
    url,
    storage: await openPostgres(url, { migrate: false, connections: 4 }),
    remove: () => onServer(server, `drop database if exists ${name} with (force)`),
  };
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
