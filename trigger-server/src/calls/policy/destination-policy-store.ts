/** The queries of how many calls a key has placed on a day. */
import { query, type ParameterMaker } from '../../storage/query';
import type { Session } from '../../storage/port';

const callsOfDayQuery = query((db, param: ParameterMaker<{ apiKeyId: number; day: string }>) =>
  db
    .selectFrom('api_key_days')
    .select('calls')
    .where('api_key_id', '=', param('apiKeyId'))
    .where('day', '=', param('day')),
);

/** @returns null if none was counted on the day. */
export async function findCallsOfDay(
  session: Session,
  apiKeyId: number,
  day: string,
): Promise<number | null> {
  return (await callsOfDayQuery.first(session, { apiKeyId, day }))?.calls ?? null;
}

type Counted = ParameterMaker<{ apiKeyId: number; day: string; calls: number }>;

const beginDayQuery = query((db, param: Counted) =>
  db
    .insertInto('api_key_days')
    .values({ api_key_id: param('apiKeyId'), day: param('day'), calls: param('calls') }),
);

/** Inserts the first count of a day. */
export async function beginDay(
  session: Session,
  values: Parameters<typeof beginDayQuery.changes>[1],
): Promise<void> {
  await beginDayQuery.changes(session, values);
}

const addToDayQuery = query((db, param: Counted) =>
  db
    .updateTable('api_key_days')
    .set((eb) => ({ calls: eb('calls', '+', param('calls')) }))
    .where('api_key_id', '=', param('apiKeyId'))
    .where('day', '=', param('day')),
);

/** Adds to a count that is there. */
export async function addToDay(
  session: Session,
  values: Parameters<typeof addToDayQuery.changes>[1],
): Promise<void> {
  await addToDayQuery.changes(session, values);
}

const uncountCallQuery = query((db, param: ParameterMaker<{ apiKeyId: number; day: string }>) =>
  db
    .updateTable('api_key_days')
    .set((eb) => ({ calls: eb('calls', '-', 1) }))
    .where('api_key_id', '=', param('apiKeyId'))
    .where('day', '=', param('day'))
    .where('calls', '>', 0),
);

/** Takes back one call that was counted on the day. */
export async function uncountCall(session: Session, apiKeyId: number, day: string): Promise<void> {
  await uncountCallQuery.changes(session, { apiKeyId, day });
}

const forgetDaysQuery = query((db, param: ParameterMaker<{ apiKeyId: number; before: string }>) =>
  db
    .deleteFrom('api_key_days')
    .where('api_key_id', '=', param('apiKeyId'))
    .where('day', '<', param('before')),
);

/** Deletes the key's counts of the days before this one. */
export async function forgetEarlierDays(session: Session, apiKeyId: number, before: string): Promise<void> {
  await forgetDaysQuery.changes(session, { apiKeyId, before });
}
