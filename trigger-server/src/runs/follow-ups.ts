/** When a call is looked after next: a row's time, so that whichever process runs then goes on with it. */
import type { Session } from '../storage/port';
import {
  claimFollowUpsQuery,
  followUpAllQuery,
  nextFollowUpQuery,
  planFollowUpQuery,
  type UnfinishedRun,
} from './store';

/** The earliest time at which a call waits to be looked after, by the steady clock; null: none does. */
export async function nextFollowUp(session: Session): Promise<Date | null> {
  const next = (await nextFollowUpQuery.first(session, {}))?.follow_up_at ?? null;
  return next === null ? null : new Date(next);
}

/**
 * Takes calls that are due, so that nobody else does. What does not come to its end is due again when the lease ends.
 * @param values instants by the steady clock.
 */
export function claimFollowUps(
  session: Session,
  values: { now: string; leaseEnd: string; limit: number },
): Promise<UnfinishedRun[]> {
  return claimFollowUpsQuery.all(session, values);
}

/** Of a run that has not ended. @param at by the steady clock; null: it is not looked after again. */
export function planFollowUp(session: Session, id: number, at: string | null): Promise<number> {
  return planFollowUpQuery.changes(session, { id, at });
}

/** All open calls of a provider are looked after. @param mode its name. @param at by the steady clock. */
export function planAllFollowUps(session: Session, mode: string, at: string): Promise<number> {
  return followUpAllQuery.changes(session, { mode, at });
}
