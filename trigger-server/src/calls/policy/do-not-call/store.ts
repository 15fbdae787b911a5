/** The queries of do-not-call lists. */
import type { Selectable } from 'kysely';
import { query, type ParameterMaker } from '../../../storage/query';
import type { DoNotCallTable } from '../../../storage/tables/calls';
import type { Session } from '../../../storage/port';

export type DoNotCallRow = Selectable<DoNotCallTable>;

/** One number of one organization. */
interface Place extends Record<string, string | number> {
  organizationId: number;
  number: string;
}

const untilQuery = query((db, param: ParameterMaker<Place>) =>
  db
    .selectFrom('do_not_call')
    .select('until')
    .where('organization_id', '=', param('organizationId'))
    .where('number', '=', param('number')),
);

/** @returns the end of the number's entry, null for one without an end; undefined if there is no entry. */
export async function findUntil(session: Session, place: Place): Promise<string | null | undefined> {
  return (await untilQuery.first(session, place))?.until;
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

const addQuery = query(
  (
    db,
    param: ParameterMaker<{
      organizationId: number;
      number: string;
      source: string;
      reason: string | null;
      until: string | null;
      runId: number | null;
      at: string;
    }>,
  ) =>
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
      .onConflict((conflict) =>
        conflict
          .columns(['organization_id', 'number'])
          .doUpdateSet((eb) => ({
            source: eb.ref('excluded.source'),
            reason: eb.ref('excluded.reason'),
            until: eb.ref('excluded.until'),
            run_id: eb.ref('excluded.run_id'),
            added_at: eb.ref('excluded.added_at'),
          }))
          .where('do_not_call.until', 'is not', null)
          .where((eb) =>
            eb.or([eb('excluded.until', 'is', null), eb('excluded.until', '>', eb.ref('do_not_call.until'))]),
          ),
      )
      .returning('id'),
);

/**
 * Adds a number. An entry of the number is replaced if the new one lasts longer, and stays otherwise.
 * @returns the id of the entry; null if the former one stays.
 */
export async function addRow(
  session: Session,
  values: Parameters<typeof addQuery.first>[1],
): Promise<number | null> {
  return (await addQuery.first(session, values))?.id ?? null;
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
