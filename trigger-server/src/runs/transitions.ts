/**
 * The state machine of a run. It only moves forward: initiated, ringing, answered, then one final status.
 * A late or repeated report moves nothing, so whatever order reports come in, the first ending stands. Pure: what a
 * new state has to bring about is `calls/run-course.ts`.
 */
import { isFinalStatus, notPlaced, type JsonObject, type RunStatus } from '@dograh-trigger/shared';
import type { StatusReport } from '../carriers/port/report';
import type { RunState } from './run-state';

/** One moment, by the wall clock and by the one that never jumps. */
export interface Moment {
  at: Date;
  steadyAt: Date;
}

/** What a report makes of a run. */
export interface Transition {
  run: RunState;
  /** The run has another status. */
  hasMoved: boolean;
  /** The carrier's id of the call is known by this report. */
  isIdentified: boolean;
  /** Anything of the run is to be written. */
  hasChanged: boolean;
}

const progress: Partial<Record<RunStatus, number>> = { initiated: 0, ringing: 1, answered: 2 };

export function transition(run: RunState, report: StatusReport, moment: Moment): Transition {
  const moved = move(run, report, moment);
  const isIdentified = isFirstId(moved ?? run, report);
  const identified = isIdentified ? { ...run, provider_call_id: report.callId ?? null } : (moved ?? run);
  const gathered = gather(identified, report, moved !== null);
  return {
    run: gathered ?? identified,
    hasMoved: moved !== null,
    isIdentified,
    hasChanged: moved !== null || isIdentified || gathered !== null,
  };
}

/** A run that nobody was called for, because of something that passes: the same request comes again. */
export function endNotPlaced(run: RunState, reason: string, { at }: Moment): RunState {
  const ended = end(run, { status: 'failed', disposition: 'failed', seconds: 0, at });
  return withError({ ...ended, reason: notPlaced }, reason);
}

/** A run whose call never came to be, or that nobody reports on any more. */
export function endInError(run: RunState, reason: string, moment: Moment): RunState {
  const seconds = talkedSeconds(run, moment);
  return withError(end(run, { status: 'error', disposition: 'error', seconds, at: moment.at }), reason);
}

/** Whether the agent's greeting was heard by this report. Nobody heard it where the call never connected. */
export function isSpoken(run: RunState, report: StatusReport): boolean {
  // Carriers ask for the greeting again after a timeout of theirs; it was spoken once.
  const canSpeak = !isFinalStatus(run.status) || run.status === 'completed';
  return report.greetingSpoken === true && canSpeak && run.has_transcript === 0;
}

/** @returns null where the report moves nothing. */
function move(run: RunState, report: StatusReport, moment: Moment): RunState | null {
  if (report.status === 'unknown' || isFinalStatus(run.status)) return null;
  const isLater = (progress[report.status] ?? Infinity) > (progress[run.status] ?? Infinity);
  if (!isLater) return null;
  const known = { ...run, provider_call_id: report.callId ?? run.provider_call_id };
  const { status } = report;
  if (isFinalStatus(status)) {
    const seconds = durationOf(run, report, moment);
    return end(known, { status, disposition: dispositionOf(run, report), seconds, at: moment.at });
  }
  if (status !== 'answered') return { ...known, status };
  return {
    ...known,
    status,
    answered_at: moment.at.toISOString(),
    answered_steady_at: moment.steadyAt.toISOString(),
  };
}

/** The first report may be all that says which call this is: the reply to the dial was lost, and nothing moves yet. */
function isFirstId(run: RunState, report: StatusReport): boolean {
  return report.callId !== undefined && run.provider_call_id === null && !isFinalStatus(run.status);
}

/**
 * What the carrier found out beside the status, such as who answered; not once the run has ended without it.
 *
 * @returns null where that is nothing new.
 */
function gather(run: RunState, report: StatusReport, hasMoved: boolean): RunState | null {
  if (report.gathered === undefined || (isFinalStatus(run.status) && !hasMoved)) return null;
  const before = run.gathered_context;
  const after = JSON.stringify({ ...(JSON.parse(before) as JsonObject), ...report.gathered });
  return after === before ? null : { ...run, gathered_context: after };
}

interface Ending {
  status: RunStatus;
  disposition: string;
  seconds: number;
  at: Date;
}

function end(run: RunState, { status, disposition, seconds, at }: Ending): RunState {
  return { ...run, status, disposition, call_duration_seconds: seconds, completed_at: at.toISOString() };
}

function withError(run: RunState, error: string): RunState {
  const gathered = JSON.parse(run.gathered_context) as JsonObject;
  return { ...run, gathered_context: JSON.stringify({ ...gathered, error }) };
}

/** A call that was never answered ends with its status as disposition. */
function dispositionOf(run: RunState, report: StatusReport): string {
  // A carrier that was told to hang up an answered call reports an ordinary end.
  if (run.cancel_requested_at !== null && report.status === 'completed') return 'canceled';
  if (report.disposition !== undefined) return report.disposition;
  if (report.status !== 'completed') return report.status;
  // The report of the answer may have been lost: who was billed for seconds was talking.
  const wasAnswered = run.answered_at !== null || (report.durationSeconds ?? 0) > 0;
  return wasAnswered ? 'user_hangup' : 'unknown';
}

function durationOf(run: RunState, report: StatusReport, moment: Moment): number {
  if (report.durationSeconds !== undefined) return Math.max(0, Math.round(report.durationSeconds));
  return talkedSeconds(run, moment);
}

/** How long the call has really lasted, also where the wall clock has jumped since it was answered. */
function talkedSeconds(run: RunState, { at, steadyAt }: Moment): number {
  if (run.answered_at === null) return 0;
  const milliseconds =
    run.answered_steady_at === null
      ? at.getTime() - Date.parse(run.answered_at)
      : steadyAt.getTime() - Date.parse(run.answered_steady_at);
  return Math.max(0, Math.round(milliseconds / 1000));
}
