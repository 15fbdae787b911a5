/** The queries of the calls that count towards the limit of their number. */
import { idList, idsOf, type IdList } from '../../../storage/id-list';
import { query, type ParameterMaker } from '../../../storage/query';
import type { Session } from '../../../storage/port';

interface Place extends Record<string, string | number> {
  organizationId: number;
  number: string;
}

const nthLatestQuery = query((db, param: ParameterMaker<Place & { before: number }>) =>
  db
    .selectFrom('number_calls')
    .select('at')
    .where('organization_id', '=', param('organizationId'))
    .where('number', '=', param('number'))
    .orderBy('at', 'desc')
    .limit(1)
    .offset(param('before')),
);

/** @param before how many later calls are left out. @returns when the call was placed; undefined: there are not as many. */
export async function findNthLatest(
  session: Session,
  values: Place & { before: number },
): Promise<string | undefined> {
  return (await nthLatestQuery.first(session, values))?.at;
}

const insertQuery = query((db, param: ParameterMaker<Place & { runId: number; at: string }>) =>
  db.insertInto('number_calls').values({
    organization_id: param('organizationId'),
    number: param('number'),
    run_id: param('runId'),
    at: param('at'),
  }),
);

export async function insertCall(
  session: Session,
  values: Place & { runId: number; at: string },
): Promise<void> {
  await insertQuery.changes(session, values);
}

const deleteBeforeQuery = query((db, param: ParameterMaker<Place & { before: string }>) =>
  db
    .deleteFrom('number_calls')
    .where('organization_id', '=', param('organizationId'))
    .where('number', '=', param('number'))
    .where('at', '<', param('before')),
);

export async function deleteCallsBefore(session: Session, values: Place & { before: string }): Promise<void> {
  await deleteBeforeQuery.changes(session, values);
}

const deleteLatestQuery = query((db, param: ParameterMaker<{ runId: number }>) =>
  db.deleteFrom('number_calls').where('id', '=', (eb) =>
    eb
      .selectFrom('number_calls as latest')
      .select((call) => call.fn.max('latest.id').as('id'))
      .where('latest.run_id', '=', param('runId')),
  ),
);

/** Deletes the latest call of the run. */
export async function deleteLatestCall(session: Session, runId: number): Promise<void> {
  await deleteLatestQuery.changes(session, { runId });
}

const deleteOfRunsQuery = query((db, param: ParameterMaker<IdList>) =>
  db.deleteFrom('number_calls').where('run_id', 'in', idsOf(param)),
);

/** @param runIds at most `mostIds`. */
export async function deleteCallsOf(session: Session, runIds: readonly number[]): Promise<void> {
  await deleteOfRunsQuery.changes(session, idList(runIds));
}
