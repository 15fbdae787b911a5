/** The queries of changes. */
import type { Selectable } from 'kysely';
import { query, type ParameterMaker } from '../storage/query';
import type { ChangeTable } from '../storage/tables/console';
import type { Session } from '../storage/port';

export type Change = Selectable<ChangeTable>;

const sinceQuery = query((db, param: ParameterMaker<{ after: number }>) =>
  db.selectFrom('changes').selectAll().where('id', '>', param('after')).orderBy('id'),
);

/** The changes after this one, of all organizations, oldest first. There are at most 11,000. */
export function listChanges(session: Session, after: number): Promise<Change[]> {
  return sinceQuery.all(session, { after });
}

const boundsQuery = query((db) =>
  db
    .selectFrom('changes')
    .select((eb) => [
      eb.fn.min<number | null>('id').as('oldest'),
      eb.fn.max<number | null>('id').as('newest'),
    ]),
);

/** The ids of the oldest and the newest change; 1 and 0 when there is none. */
export async function findBounds(session: Session): Promise<{ oldest: number; newest: number }> {
  const bounds = await boundsQuery.first(session, {});
  return { oldest: bounds?.oldest ?? 1, newest: bounds?.newest ?? 0 };
}
