/** A call goes back into the queue when its dial called nobody, unless that dial is not its current one any more. */
import { countRequeuedRun } from '../../accounts/organizations';
import type { CallAttempt } from '../../carriers/port/call-name';
import { returnToQueue } from '../../runs/queued/queued-runs';
import { findRunState, type RecordableOutcome } from '../../runs/run-state';
import { findRun } from '../../runs/runs';
import type { Services } from '../../services';
import type { Session, WriteSession } from '../../storage/port';
import { findPlan } from './plan';

/** After this time a queued call whose dial called nobody is due again, where the carrier names no time. */
const unsentPauseSeconds = 5;

/**
 * Whether the outcome of a dial is no longer that of its run's current dial, because the call was queued, or dialled again,
 * meanwhile. The lock of the run is held.
 */
export async function isOutdated(
  session: Session,
  { runId, attempt }: CallAttempt,
  planRevision: number,
): Promise<boolean> {
  const [run, plan] = await Promise.all([findRun(session, runId), findPlan(session, runId)]);
  // The dial of a former attempt is noted with that attempt.
  if (run !== undefined && run.attempt !== attempt) return false;
  if (run === undefined || run.due_at !== null) return true;
  // Without a plan the run has ended. A report may be faster than the reply to the dial.
  return plan === null ? run.dial_outcome !== null : plan.revision !== planRevision;
}

/**
 * Queues a call again whose dial called nobody for a reason that passes.
 * @returns false for a call that its request was to place at once: its caller will retry.
 */
export async function queueAgain(
  { clock }: Pick<Services, 'clock'>,
  session: WriteSession,
  { runId, attempt }: CallAttempt,
  result: RecordableOutcome & { outcome: 'not_sent' },
): Promise<boolean> {
  const run = await findRunState(session, runId);
  if (run === undefined || run.has_plan === 0 || run.attempt !== attempt) return false;
  if (attempt === 1 && run.is_scheduled === 0) return false;
  const pause = 'retryAfterSeconds' in result ? result.retryAfterSeconds : unsentPauseSeconds;
  const dueAt = new Date(clock.now().getTime() + pause * 1000);
  const wait = { dueAt, waitingFor: 'carrier' } as const;
  if (!(await returnToQueue(session, runId, wait, result.detail))) return false;
  await countRequeuedRun(session, run);
  return true;
}
