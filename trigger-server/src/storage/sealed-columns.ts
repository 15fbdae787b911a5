/** The columns that are sealed with `SECRETS_KEY`, and the canaries that show which keys have sealed something. */
import { sql } from 'kysely';
import { query, type ParameterMaker } from './query';
import type { Session } from './port';

/** Every column with sealed texts. A new one must be added here, because rotating the key goes through this list. */
export const sealedColumns = [
  { table: 'telephony_configurations', column: 'credentials' },
  { table: 'model_configurations', column: 'configuration' },
  { table: 'webhook_credentials', column: 'data' },
  { table: 'webhook_secrets', column: 'secret' },
] as const;

type SealedColumn = (typeof sealedColumns)[number];

export interface SealedText {
  id: number;
  sealed: string;
}

/** The next sealed texts of a column after the row `afterId`, by id. */
export async function listSealed(
  session: Session,
  { table, column }: SealedColumn,
  afterId: number,
  limit: number,
): Promise<SealedText[]> {
  const next = sql<SealedText>`select id, ${sql.ref(column)} as sealed from ${sql.table(table)} where id > ${afterId} order by id limit ${limit}`;
  return (await session.run<SealedText>(next.compile(session.builder))).rows;
}

/** Replaces a sealed text. */
export async function replaceSealed(
  session: Session,
  { table, column }: SealedColumn,
  id: number,
  sealed: string,
): Promise<void> {
  await session.run(
    sql`update ${sql.table(table)} set ${sql.ref(column)} = ${sealed} where id = ${id}`.compile(
      session.builder,
    ),
  );
}

const canariesQuery = query((db) => db.selectFrom('secrets_canaries').select('sealed'));

/** The sealed canaries, one for each key that has sealed something. */
export async function listCanaries(session: Session): Promise<string[]> {
  return (await canariesQuery.all(session, {})).map(({ sealed }) => sealed);
}

const insertCanaryQuery = query((db, param: ParameterMaker<{ sealed: string }>) =>
  db.insertInto('secrets_canaries').values({ sealed: param('sealed') }),
);

export async function insertCanary(session: Session, sealed: string): Promise<void> {
  await insertCanaryQuery.changes(session, { sealed });
}

const deleteCanaryQuery = query((db, param: ParameterMaker<{ sealed: string }>) =>
  db.deleteFrom('secrets_canaries').where('sealed', '=', param('sealed')),
);

export async function deleteCanary(session: Session, sealed: string): Promise<void> {
  await deleteCanaryQuery.changes(session, { sealed });
}
