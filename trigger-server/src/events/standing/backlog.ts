/** How many deliveries are due, over all organizations. */
import type { Backlog } from '../../storage/backlog';
import type { Session } from '../../storage/port';
import { markedQuery, unmarkedQuery } from './store';

/** @param now by the wall clock. */
export async function deliveryBacklog(session: Session, now: string): Promise<Backlog> {
  const parts = await Promise.all([markedQuery.first(session, {}), unmarkedQuery.first(session, { now })]);
  return {
    count: parts.reduce((sum, part) => sum + (part?.count ?? 0), 0),
    oldest: parts.flatMap((part) => part?.oldest ?? []).sort()[0] ?? null,
  };
}
