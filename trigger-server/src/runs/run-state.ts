/** The part of a run that its state machine reads and writes. */
import type { Voicemail } from '@dograh-trigger/shared';
import type { DialResult } from '../carriers/port/call';
import type { CallAttempt } from '../carriers/port/call-name';
import type { Session } from '../storage/port';
import { recordDialQuery, runStateQuery, updateRunStateQuery, type RunState } from './store';

export type { RunState } from './store';

/** The outcome of a dial, or of one that was never made. */
export type RecordableOutcome = DialResult | { outcome: 'not_sent'; detail: string };

export function findRunState(session: Session, id: number): Promise<RunState | undefined> {
  return runStateQuery.first(session, { id });
}

/** Parses the column `voicemail`. */
export function parseVoicemail(text: string | null): Voicemail | null {
  return text === null ? null : (JSON.parse(text) as Voicemail);
}

/** @param followUpAt when the call is looked after next, by the steady clock; null: as it was planned. */
export function saveRunState(session: Session, run: RunState, followUpAt: string | null): Promise<number> {
  return updateRunStateQuery.changes(session, {
    id: run.id,
    status: run.status,
    disposition: run.disposition,
    gatheredContext: run.gathered_context,
    callId: run.provider_call_id,
    durationSeconds: run.call_duration_seconds,
    ringingSteadyAt: run.ringing_steady_at,
    answeredAt: run.answered_at,
    answeredSteadyAt: run.answered_steady_at,
    completedAt: run.completed_at,
    hasTranscript: run.has_transcript,
    artifactsReadyAt: run.artifacts_ready_at,
    reason: run.reason,
    messageState: run.message_state,
    followUpAt,
  });
}

/**
 * Stores the outcome of the dial, unless the call is at another attempt. The status of the run does not change.
 * @param followUpAt when the call is followed up first, by the steady clock; null: never.
 * @returns 0 if the call is at another attempt.
 */
export function noteDialOutcome(
  session: Session,
  { runId: id, attempt }: CallAttempt,
  result: RecordableOutcome,
  followUpAt: string | null,
): Promise<number> {
  const isPlaced = result.outcome === 'placed';
  return recordDialQuery.changes(session, {
    id,
    attempt,
    outcome: result.outcome,
    detail: 'detail' in result ? result.detail : null,
    callId: isPlaced ? result.callId : null,
    callerNumber: isPlaced ? result.callerNumber : null,
    followUpAt,
  });
}
