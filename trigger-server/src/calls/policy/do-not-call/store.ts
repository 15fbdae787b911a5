/** The queries of do-not-call lists. */
import type { Selectable } from 'kysely';
import { insertedId } from '../../../storage/columns';
import { query, type ParameterMaker } from '../../../storage/query';
import type { DoNotCallTable } from '../../../storage/tables/calls';
import type { Session } from '../../../storage/port';

export type DoNotCallRow = Selectable<DoNotCallTable>;

/** One number of one organization. */
interface Place extends Record<string, string | number> {
  organizationId: number;
  number: string;
}

const endQuery = query((db, param: ParameterMaker<Place>) =>
  db
    .selectFrom('do_not_call')
    .select(['id', 'until'])
    .where('organization_id', '=', param('organizationId'))
    .where('number', '=', param('number')),
);

/** The end of the number's entry. */
export function findEnd(
  session: Session,
  place: Place,
): Promise<Pick<DoNotCallRow, 'id' | 'until'> | undefined> {
  return endQuery.first(session, place);
}

const entryQuery = query((db, param: ParameterMaker<Place>) =>
  db
    .selectFrom('do_not_call')
    .selectAll()
    .where('organization_id', '=', param('organizationId'))
    .where('number', '=', param('number')),
);

export function findRow(session: Session, place: Place): Promise<DoNotCallRow | undefined> {
  return entryQuery.first(session, place);
}

interface Content extends Record<string, string | number | null> {
  source: string;
  reason: string | null;
  until: string | null;
  runId: number | null;
  at: string;
}

interface NewRow extends Content {
  organizationId: number;
  number: string;
}

interface Replacement extends Content {
  id: number;
}

const insertQuery = query((db, param: ParameterMaker<NewRow>) =>
  db
    .insertInto('do_not_call')
    .values({
      organization_id: param('organizationId'),
      number: param('number'),
      source: param('source'),
      reason: param('reason'),
      until: param('until'),
      run_id: param('runId'),
      added_at: param('at'),
    })
    .returning('id'),
);

/** @throws UniqueViolation for a number that the organization has listed. @returns the id of the entry. */
export async function insertRow(session: Session, values: NewRow): Promise<number> {
  return insertedId(await insertQuery.first(session, values));
}

const replaceQuery = query((db, param: ParameterMaker<Replacement>) =>
  db
    .updateTable('do_not_call')
    .set({
      source: param('source'),
      reason: param('reason'),
      until: param('until'),
      run_id: param('runId'),
      added_at: param('at'),
    })
    .where('id', '=', param('id')),
);

export async function replaceRow(session: Session, values: Replacement): Promise<void> {
  await replaceQuery.changes(session, values);
}

const deleteQuery = query((db, param: ParameterMaker<Place>) =>
  db
    .deleteFrom('do_not_call')
    .where('organization_id', '=', param('organizationId'))
    .where('number', '=', param('number'))
    .returning('id'),
);

/** @returns the id of the entry that was deleted; null if there is none. */
export async function deleteRow(session: Session, place: Place): Promise<number | null> {
  return (await deleteQuery.first(session, place))?.id ?? null;
}

const pageQuery = query(
  (db, param: ParameterMaker<{ organizationId: number; from: string; before: string; limit: number }>) =>
    db
      .selectFrom('do_not_call')
      .selectAll()
      .where('organization_id', '=', param('organizationId'))
      .where('number', '>=', param('from'))
      .where('number', '<', param('before'))
      .orderBy('number')
      .limit(param('limit')),
);

/** Entries in the order of their numbers. @param values `before` is left out. */
export function listRows(
  session: Session,
  values: Parameters<typeof pageQuery.all>[1],
): Promise<DoNotCallRow[]> {
  return pageQuery.all(session, values);
}
