/** Calls under way and their follow-ups, over all organizations. */
import type { Backlog } from '../../storage/backlog';
import type { Session } from '../../storage/port';
import { dueFollowUpsQuery, openRunsQuery } from './store';

/** How many runs have not ended. Each takes a slot of its organization. */
export async function countOpenRuns(session: Session): Promise<number> {
  return (await openRunsQuery.first(session, {}))?.count ?? 0;
}

/** @param now by the steady clock. */
export async function followUpBacklog(session: Session, now: string): Promise<Backlog> {
  return (await dueFollowUpsQuery.first(session, { now })) ?? { count: 0, oldest: null };
}
