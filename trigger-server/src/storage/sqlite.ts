/**
 * SQLite through libsql. Two connections: one reads what is committed, one writes. WAL with `synchronous=FULL`,
 * so a commit that was acknowledged survives a power cut.
 */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import { GroupedReads } from './grouped-reads';
import { GroupedWrites } from './grouped-writes';
import { migrations } from './migrations';
import type { Database } from './schema';
import { Connection } from './sqlite-connection';
import type { Storage } from './storage';

/** Opens (and if needed creates and migrates) the database in `file`. */
export function openSqlite(file: string): Storage {
  mkdirSync(dirname(file), { recursive: true });
  const builder = new Kysely<Database>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
  const writer = new Connection(file, builder);
  migrate(writer);
  const reads = new GroupedReads(new Connection(file, builder, { readOnly: true }));
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

function migrate(writer: Connection): void {
  writer.control(
    'CREATE TABLE IF NOT EXISTS schema_migrations (name TEXT PRIMARY KEY, applied_at TEXT NOT NULL)',
  );
  const { rows } = writer.execute<{ name: string }>({
    sql: 'SELECT name FROM schema_migrations',
    parameters: [],
  });
  const applied = new Set(rows.map(({ name }) => name));
  for (const { name, statements } of migrations('INTEGER PRIMARY KEY AUTOINCREMENT')) {
    if (applied.has(name)) continue;
    writer.control('BEGIN IMMEDIATE');
    for (const statement of statements) writer.control(statement);
    writer.execute({
      sql: 'INSERT INTO schema_migrations (name, applied_at) VALUES (?, ?)',
      parameters: [name, new Date().toISOString()],
    });
    writer.control('COMMIT');
  }
}
