/** Runs that have not ended: each takes a slot of its organization until somebody ends it. */
import type { Session } from '../storage/port';
import {
  abandonDialsQuery,
  dialOwnersQuery,
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

/** The processes (`processes.id`) that dial at this moment, or did when they ended. */
export async function listDialOwners(session: Session): Promise<string[]> {
  return (await dialOwnersQuery.all(session, {})).flatMap(({ owner }) => owner ?? []);
}

/**
 * The dials that this process had under way have an unknown outcome, and are never made again. Whoever follows up such
 * calls does so at once; of a run that has ended, the key replays the outcome.
 * @param at now, by the steady clock. @returns how many.
 */
export function abandonDials(session: Session, owner: string, at: string): Promise<number> {
  return abandonDialsQuery.changes(session, { owner, at });
}
