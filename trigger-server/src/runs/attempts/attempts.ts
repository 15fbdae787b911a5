/** The attempts of a run: the one that its own columns describe, and those before it. */
import type { RunAttempt } from '@dograh-trigger/shared';
import type { DialResult } from '../../carriers/port/call';
import type { CallAttempt } from '../../carriers/port/call-name';
import { idList } from '../../storage/id-list';
import type { Session } from '../../storage/port';
import type { DialOutcome } from '../../storage/tables/runs';
import type { Wait } from '../queued/queued-runs';
import { runQuery, type RunRow, type RunState } from '../store';
import {
  attemptQuery,
  attemptsQuery,
  deleteAttemptsQuery,
  eraseAttemptsQuery,
  insertAttemptQuery,
  noteDialQuery,
  queueNextQuery,
} from './store';

type CurrentAttempt = Pick<
  RunRow,
  | 'id'
  | 'attempt'
  | 'created_at'
  | 'dialled_at'
  | 'is_scheduled'
  | 'provider_call_id'
  | 'status'
  | 'disposition'
  | 'reason'
  | 'completed_at'
>;

/** Oldest first. Empty for a call that was never dialled. */
export async function listAttempts(session: Session, run: CurrentAttempt): Promise<RunAttempt[]> {
  return [...(run.attempt === 1 ? [] : await listFormer(session, run.id)), ...currentAttempt(run)];
}

async function listFormer(session: Session, runId: number): Promise<RunAttempt[]> {
  const rows = await attemptsQuery.all(session, { runId });
  return rows.map(({ number, call_id, status, disposition, reason, started_at, ended_at }) => ({
    number,
    call_id,
    status,
    disposition,
    reason,
    started_at,
    ended_at,
  }));
}

/** Empty unless it has been dialled. */
function currentAttempt(run: CurrentAttempt): RunAttempt[] {
  const startedAt = startOf(run);
  if (startedAt === null) return [];
  return [
    {
      number: run.attempt,
      call_id: run.provider_call_id,
      status: run.status,
      disposition: run.disposition,
      reason: run.reason,
      started_at: startedAt,
      ended_at: run.completed_at,
    },
  ];
}

/** When the current attempt was dialled, by the wall clock; null: it waits, or the run ended while it waited. */
function startOf({
  dialled_at: dialledAt,
  created_at: createdAt,
  attempt,
  is_scheduled: wasQueued,
}: CurrentAttempt) {
  if (dialledAt !== null) return dialledAt;
  return attempt === 1 && wasQueued === 0 ? createdAt : null;
}

/** Ends the attempt of a run, and queues the run for the next one. @param ended its state at the end, not stored yet. */
export async function queueNextAttempt(
  session: Session,
  run: RunRow,
  ended: RunState,
  { dueAt, waitingFor }: Wait,
): Promise<void> {
  await insertAttemptQuery.changes(session, {
    runId: run.id,
    number: run.attempt,
    mode: run.mode,
    configurationId: run.telephony_configuration_id,
    callerNumber: run.caller_number,
    callId: ended.provider_call_id,
    dialOutcome: run.dial_outcome,
    status: ended.status,
    disposition: ended.disposition,
    reason: ended.reason,
    startedAt: startOf(run) ?? run.created_at,
    endedAt: ended.completed_at ?? run.created_at,
  });
  await queueNextQuery.changes(session, {
    id: run.id,
    dueAt: dueAt.toISOString(),
    waitingFor,
    earlierSeconds: ended.call_duration_seconds ?? run.earlier_seconds,
  });
}

/** The run, as the end of a former attempt left it if that is asked for. Undefined: it has no such attempt. */
export async function findRunOfAttempt(
  session: Session,
  { runId, attempt }: CallAttempt,
): Promise<RunRow | undefined> {
  const run = await runQuery.first(session, { id: runId });
  if (run === undefined || run.attempt === attempt) return run;
  const former = await attemptQuery.first(session, { runId, number: attempt });
  if (former === undefined) return undefined;
  return {
    ...run,
    attempt,
    mode: former.mode,
    telephony_configuration_id: former.telephony_configuration_id,
    caller_number: former.caller_number,
    provider_call_id: former.call_id,
    status: former.status,
    disposition: former.disposition,
    reason: former.reason,
    completed_at: former.ended_at,
    answered_at: null,
    answered_steady_at: null,
    message_state: null,
  };
}

/** Stores what became known of a dial after its attempt had ended and the call was queued again. */
export async function noteLateDial(
  session: Session,
  { runId, attempt }: CallAttempt,
  result: Pick<DialResult, 'outcome'> & { callId?: string },
): Promise<void> {
  const { outcome, callId = null } = result;
  await noteDialQuery.changes(session, { runId, number: attempt, outcome, callId });
}

/** What the reply to the request of the call says: the outcome of its first dial, null while that is under way. */
export async function firstDialOutcome(session: Session, run: RunRow): Promise<DialOutcome | null> {
  if (run.attempt === 1) return run.dial_outcome;
  // Where its carrier reported the end before it replied to the dial, the call was placed.
  return (await attemptQuery.first(session, { runId: run.id, number: 1 }))?.dial_outcome ?? 'placed';
}

export async function deleteAttempts(session: Session, runIds: readonly number[]): Promise<void> {
  await deleteAttemptsQuery.changes(session, idList(runIds));
}

/** Removes the numbers and the carrier's ids. */
export async function eraseAttempts(session: Session, runId: number): Promise<void> {
  await eraseAttemptsQuery.changes(session, { runId });
}
