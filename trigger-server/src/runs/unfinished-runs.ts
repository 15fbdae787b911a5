/** Runs that have not ended: each takes a slot of its organization until somebody ends it. */
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

/** How many slots are taken. A slot is an unfinished run, so nothing can leak. */
export async function countUnfinishedRuns(session: Session, organizationId: number): Promise<number> {
  return Number((await unfinishedCountQuery.first(session, { organizationId }))?.count ?? 0);
}

export function listUnfinishedRuns(session: Session): Promise<UnfinishedRun[]> {
  return unfinishedQuery.all(session, {});
}

/** @param values `after`: the id that the page before ended with. */
export function listOverdueRuns(
  session: Session,
  values: { now: string; after: number; limit: number },
): Promise<UnfinishedRun[]> {
  return overdueQuery.all(session, values);
}

/** @param deadlineAt by the steady clock. */
export function postponeDeadline(session: Session, id: number, deadlineAt: string): Promise<number> {
  return postponeQuery.changes(session, { id, deadlineAt });
}

/** At start: a dial that was under way when the server stopped has an unknown outcome, and is never made again. */
export async function recoverRuns(services: Pick<Services, 'storage'>): Promise<UnfinishedRun[]> {
  return services.storage.write(async (session) => {
    await markOpenDialsUnknown(session);
    return listUnfinishedRuns(session);
  });
}
