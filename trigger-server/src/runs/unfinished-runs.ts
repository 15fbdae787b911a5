/** Runs that have not ended. Each takes a slot of its organization. */
import type { Session } from '../storage/port';
import {
  abandonDialsQuery,
  dialOwnersQuery,
  openCallsQuery,
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

/** How many calls of this run's carrier account have not ended. */
export async function countOpenCalls(session: Session, run: UnfinishedRun): Promise<number> {
  const { organization_id: organizationId, telephony_configuration_id: configurationId } = run;
  return Number((await openCallsQuery.first(session, { organizationId, configurationId }))?.count ?? 0);
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

/** The processes (`processes.id`) that have a dial under way, or had one when they ended. */
export async function listDialOwners(session: Session): Promise<string[]> {
  return (await dialOwnersQuery.all(session, {})).flatMap(({ owner }) => owner ?? []);
}

/**
 * Gives the dials that this process had under way an unknown outcome. They are never made again. The calls are due for
 * their follow-up at once; the key of an ended run replays the outcome.
 * @param at now, by the steady clock. @returns how many.
 */
export function abandonDials(session: Session, owner: string, at: string): Promise<number> {
  return abandonDialsQuery.changes(session, { owner, at });
}
