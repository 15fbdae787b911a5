/** Whether the database answers, and has the schema of this version. */
import { sql } from 'kysely';
import { migrations } from './migrations/history';
import type { Session } from './port';

/** @returns the names of the migrations that the database lacks. @throws DatabaseRefusal when it does not answer. */
export async function missingMigrations(session: Session): Promise<string[]> {
  const { rows } = await session.run(
    sql<{ name: string }>`select name from schema_migrations`.compile(session.builder),
  );
  const applied = new Set(rows.map(({ name }) => name));
  return migrations.flatMap(({ name }) => (applied.has(name) ? [] : [name]));
}
