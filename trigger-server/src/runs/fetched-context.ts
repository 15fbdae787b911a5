/** Values that were asked for when a call was answered, and belong to the context of its run from then on. */
import type { JsonObject } from '@dograh-trigger/shared';
import { query, type ParameterMaker } from '../storage/query';
import type { WriteSession } from '../storage/port';
import { findRun, type RunRow } from './runs';

const setQuery = query((db, param: ParameterMaker<{ id: number; context: string }>) =>
  db
    .updateTable('runs')
    .set({ initial_context: param('context') })
    .where('id', '=', param('id'))
    .where('erased_at', 'is', null),
);

/** Merges the values over the context of the run. @returns the context as it is now, as JSON. */
export async function addToContext(
  session: WriteSession,
  { id, initial_context: before }: Pick<RunRow, 'id' | 'initial_context'>,
  values: JsonObject,
): Promise<string> {
  await session.lock('run', id);
  const known = (await findRun(session, id))?.initial_context ?? before;
  const context = JSON.stringify({ ...(JSON.parse(known) as JsonObject), ...values });
  await setQuery.changes(session, { id, context });
  return context;
}
