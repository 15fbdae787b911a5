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

/** The version of a PostgreSQL server, such as 180001 for 18.1, and its time. */
export async function describePostgres(
  session: Session,
): Promise<{ version: number; time: Date } | undefined> {
  const row = await session.first(
    sql<{ version: string; milliseconds: number }>`
      select current_setting('server_version_num') as version,
        (extract(epoch from clock_timestamp()) * 1000)::bigint as milliseconds
    `.compile(session.builder),
  );
  return row === undefined ? undefined : { version: Number(row.version), time: new Date(row.milliseconds) };
}
