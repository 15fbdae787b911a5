/** Runs that have not ended. Each takes a slot of its organization. */
import type { Services } from '../services';
import type { Session } from '../storage/port';
import {
  markOpenDialsUnknown,
  overdueQuery,
  postponeQuery,
  unfinishedCountQuery,
  unfinishedQuery,
  type UnfinishedRun,
} from './store';

export type { UnfinishedRun } from './store';

/** The number of slots in use. Slots are not counted separately, so none can leak. */
export async function countUnfinishedRuns(session: Session, organizationId: number): Promise<number> {
  return Number((await unfinishedCountQuery.first(session, { organizationId }))?.count ?? 0);
}

export function listUnfinishedRuns(session: Session): Promise<UnfinishedRun[]> {
  return unfinishedQuery.all(session, {});
}

/** @param values `after`: the last id of the previous page. */
export function listOverdueRuns(
  session: Session,
  values: { now: string; after: number; limit: number },
): Promise<UnfinishedRun[]> {
  return overdueQuery.all(session, values);
}

/** @param deadlineAt in `Clock.steady` time. */
export function postponeDeadline(session: Session, id: number, deadlineAt: string): Promise<number> {
  return postponeQuery.changes(session, { id, deadlineAt });
}

/**
 * Called at the start: marks dials that were under way when the server stopped as unknown. They are never repeated.
 * @returns the unfinished runs.
 */
export async function recoverRuns(services: Pick<Services, 'storage'>): Promise<UnfinishedRun[]> {
  return services.storage.write(async (session) => {
    await markOpenDialsUnknown(session);
    return listUnfinishedRuns(session);
  });
}
