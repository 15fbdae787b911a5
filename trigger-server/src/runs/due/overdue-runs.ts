/** Runs that are past their deadline: the watchdog claims them, and ends them or gives them a new deadline. */
import type { Session } from '../../storage/port';
import type { UnfinishedRun } from '../store';
import { claimOverdueQuery, postponeQuery } from './due-store';

/**
 * Claims runs that are past their deadline. Until `leaseEnd` no other process gets them.
 * @param values instants by the steady clock.
 */
export function claimOverdueRuns(
  session: Session,
  values: { now: string; leaseEnd: string; limit: number },
): Promise<UnfinishedRun[]> {
  return claimOverdueQuery.all(session, values);
}

/**
 * Gives an overdue run a new deadline.
 * @param values `leaseEnd`: of the claim. `deadlineAt`: in `Clock.steady` time.
 * @returns false if the claim no longer stands: the run has ended, or another process has claimed it.
 */
export async function postponeDeadline(
  session: Session,
  values: { id: number; leaseEnd: string; deadlineAt: string },
): Promise<boolean> {
  return (await postponeQuery.changes(session, values)) > 0;
}
