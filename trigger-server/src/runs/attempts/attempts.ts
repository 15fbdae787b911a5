/** The attempts of a run: the one that its own columns describe, and those before it. */
import type { RunAttempt } from '@dograh-trigger/shared';
import type { Session } from '../../storage/port';
import type { RunRow } from '../store';
import { attemptsQuery } from './store';

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
