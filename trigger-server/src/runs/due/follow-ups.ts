/** When a call is followed up next. The time is stored in its row, so that any process can continue. */
import type { CallAttempt } from '../../carriers/port/call-name';
import type { Session } from '../../storage/port';
import { claimFollowUpsQuery, followUpAllQuery, nextFollowUpQuery, planFollowUpQuery } from './due-store';
import type { UnfinishedRun } from '../store';

/**
 * The time of the next follow-up of any call, by the steady clock; null if none is planned.
 * @param others the configurations whose calls other processes follow up.
 */
export async function nextFollowUp(session: Session, others: readonly number[]): Promise<Date | null> {
  const next = (await nextFollowUpQuery.first(session, { others: listOf(others) }))?.follow_up_at ?? null;
  return next === null ? null : new Date(next);
}

/**
 * Claims the follow-ups that are due. A follow-up that does not finish is due again when its lease ends.
 * @param values instants by the steady clock; `others`: the configurations whose calls other processes follow up.
 */
export function claimFollowUps(
  session: Session,
  { others, ...values }: { now: string; leaseEnd: string; limit: number; others: readonly number[] },
): Promise<UnfinishedRun[]> {
  return claimFollowUpsQuery.all(session, { ...values, others: listOf(others) });
}

function listOf(ids: readonly number[]): string {
  return `,${ids.join(',')},`;
}

/** Changes nothing once the attempt has ended. @param at by the steady clock; null for no further follow-up. */
export function planFollowUp(
  session: Session,
  { runId, attempt }: CallAttempt,
  at: string | null,
): Promise<number> {
  return planFollowUpQuery.changes(session, { runId, attempt, at });
}

/** Plans the follow-up of every call that has not ended and is not being dialled. @param at in steady time. */
export function planAllFollowUps(session: Session, at: string): Promise<number> {
  return followUpAllQuery.changes(session, { at });
}
