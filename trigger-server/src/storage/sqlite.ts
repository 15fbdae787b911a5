/**
 * SQLite through libsql. Two connections: one reads what is committed, one writes. WAL with `synchronous=FULL`,
 * so a commit that was acknowledged survives a power cut.
 */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import { closeFile, makePrivateFile, makePrivateFolder } from '../private-files';
import { GroupedReads } from './grouped-reads';
import { GroupedWrites } from './grouped-writes';
import { migrations, type Migration } from './migrations';
import type { Database } from './schema';
import { Connection } from './sqlite-connection';
import type { Storage } from './storage';

interface OpenOptions {
  migrate?: boolean;
  onDamage?: (damage: Error) => void;
}

/**
 * Opens the database in `file`.
 * @param options `migrate`: whether it may be created and changed to this version's schema; else it must have it already;
 *   `onDamage` hears of it, once, when SQLite finds the file damaged, now or later.
 * @throws Error in words, when it is damaged, or of another version.
 */
export function openSqlite(
  file: string,
  { migrate: mayMigrate = true, onDamage = () => undefined }: OpenOptions = {},
): Storage {
  if (mayMigrate) {
    makePrivateFolder(dirname(file));
    makePrivateFile(file);
    // SQLite gives the files beside it the mode of the database; these are of a server that was killed.
    for (const beside of filesBeside(file)) closeFile(beside);
  } else if (!existsSync(file)) {
    throw new Error(`There is no database ${file}: is DATABASE_URL right?`);
  }
  return open(file, mayMigrate, once(onDamage));
}

/** Damage is met again and again; it is told the first time. */
function once(tell: (damage: Error) => void): (damage: Error) => void {
  let isTold = false;
  return (damage) => {
    if (isTold) return;
    isTold = true;
    tell(damage);
  };
}

/** Where SQLite keeps what is not yet in the database file itself. */
export function filesBeside(file: string): string[] {
  return [`${file}-wal`, `${file}-shm`];
}

function open(file: string, mayMigrate: boolean, onDamage: (damage: Error) => void): Storage {
  const builder = new Kysely<Database>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
  const writer = new Connection(file, builder, { onDamage });
  try {
    const missing = missingMigrations(file, writer);
    if (missing.length > 0 && !mayMigrate) throw new Error(notYetMigrated(file));
    migrate(writer, missing);
  } catch (error) {
    writer.close();
    throw error;
  }
  const reads = new GroupedReads(new Connection(file, builder, { onDamage, readOnly: true }));
  const writes = new GroupedWrites(writer);
  return {
    read: reads,
    write: (body) => writes.write(body),
    close: async () => {
      await writes.close();
      reads.close();
    },
  };
}

/** Whether a write failed because a unique key is taken. */
export function isUniqueViolation(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY';
}

/** @throws Error in words for a database that a newer version has changed. */
function missingMigrations(file: string, writer: Connection): Migration[] {
  writer.control(
    'CREATE TABLE IF NOT EXISTS schema_migrations (name TEXT PRIMARY KEY, applied_at TEXT NOT NULL)',
  );
  const { rows } = writer.execute<{ name: string }>({
    sql: 'SELECT name FROM schema_migrations ORDER BY name',
    parameters: [],
  });
  const applied = new Set(rows.map(({ name }) => name));
  const known = migrations('INTEGER PRIMARY KEY AUTOINCREMENT');
  for (const { name } of known) applied.delete(name);
  const [unknown] = applied;
  if (unknown !== undefined) throw new Error(ofNewerVersion(file, unknown));
  return known.filter(({ name }) => !rows.some((row) => row.name === name));
}

function ofNewerVersion(file: string, migration: string): string {
  return (
    `The database ${file} was changed by a newer version of this server (${migration}), and this version does not know how to use it. ` +
    'Nothing was changed. Start the newer version again, or put the backup from before the update in its place.'
  );
}

function notYetMigrated(file: string): string {
  return `The database ${file} is of an older version. Start the server once, which carries it over; then come again.`;
}

function migrate(writer: Connection, missing: readonly Migration[]): void {
  for (const { name, statements } of missing) {
    writer.control('BEGIN IMMEDIATE');
    for (const statement of statements) writer.control(statement);
    writer.execute({
      sql: 'INSERT INTO schema_migrations (name, applied_at) VALUES (?, ?)',
      parameters: [name, new Date().toISOString()],
    });
    writer.control('COMMIT');
  }
}
