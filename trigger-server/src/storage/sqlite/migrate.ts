/** Migrates a SQLite database to this version's schema. */
import { migrations } from '../migrations/history';
import type { Migration } from '../migrations/migration';
import type { Connection } from './connection';
import { restoreSteps } from './restore';

const idColumn = 'INTEGER PRIMARY KEY AUTOINCREMENT';

/**
 * Applies the missing migrations, all or none, under the database's lock: if two processes open it, one migrates, and
 * the other waits and finds nothing to do.
 * @throws Error with a text for people for a database that a newer version has changed.
 */
export function migrate(file: string, connection: Connection): void {
  if (missingMigrations(file, connection).length === 0) return;
  connection.control('BEGIN IMMEDIATE');
  try {
    for (const migration of missingMigrations(file, connection)) apply(connection, migration);
    connection.control('COMMIT');
  } catch (error) {
    if (connection.inTransaction) connection.control('ROLLBACK');
    throw error;
  }
}

/** @throws Error with a text for people for a database that does not have this version's schema. */
export function assertMigrated(file: string, connection: Connection): void {
  if (missingMigrations(file, connection).length === 0) return;
  throw new Error(
    `The database ${file} is of an older version. Start the server once, which carries it over; then come again.`,
  );
}

function apply(connection: Connection, migration: Migration): void {
  for (const statement of migration.statements(idColumn)) connection.control(statement);
  connection.execute({
    sql: 'INSERT INTO schema_migrations (name, applied_at) VALUES (?, ?)',
    parameters: [migration.name, new Date().toISOString()],
  });
}

/** @throws Error with a text for people for a database that a newer version has changed. */
function missingMigrations(file: string, connection: Connection): Migration[] {
  connection.control(
    'CREATE TABLE IF NOT EXISTS schema_migrations (name TEXT PRIMARY KEY, applied_at TEXT NOT NULL)',
  );
  const { rows } = connection.execute<{ name: string }>({
    sql: 'SELECT name FROM schema_migrations ORDER BY name',
    parameters: [],
  });
  const applied = new Set(rows.map(({ name }) => name));
  const known = new Set(migrations.map(({ name }) => name));
  const unknown = rows.find(({ name }) => !known.has(name));
  if (unknown !== undefined) {
    throw new Error(
      `The database ${file} was changed by a newer version of this server (${unknown.name}), and this version does not know how to use it. ` +
        `Nothing was changed. Start the newer version again, or go back to the backup from before the update: ${restoreSteps(file)}`,
    );
  }
  return migrations.filter(({ name }) => !applied.has(name));
}
