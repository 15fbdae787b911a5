/** What is sealed with `SECRETS_KEY`, table by table, and the canaries that tell which keys have sealed something. */
import { sql } from 'kysely';
import { query, type ParameterMaker } from './query';
import type { Session } from './port';

/** Every column whose texts are sealed. A new one belongs into this list: whoever rotates the key goes by it. */
export const sealedColumns = [
  { table: 'telephony_configurations', column: 'credentials' },
  { table: 'webhook_credentials', column: 'data' },
  { table: 'webhook_secrets', column: 'secret' },
] as const;

type SealedColumn = (typeof sealedColumns)[number];

export interface SealedText {
  id: number;
  sealed: string;
}

/** The next of a column after the row `afterId`, by id. */
export async function listSealed(
  session: Session,
  { table, column }: SealedColumn,
  afterId: number,
  limit: number,
): Promise<SealedText[]> {
  const next = sql<SealedText>`select id, ${sql.ref(column)} as sealed from ${sql.table(table)} where id > ${afterId} order by id limit ${limit}`;
  return (await session.run<SealedText>(next.compile(session.builder))).rows;
}

/** Replaces one sealed text by another. */
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

/** One for each key that has sealed something here. */
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
