/**
 * The state machine of a run. It only moves forward: initiated, ringing, answered, then one final status. A late or
 * repeated report changes nothing, so the first ending stands whatever the order of reports. This file is pure: the
 * effects of a new state are in `calls/run-course.ts`.
 */
import { isFinalStatus, notPlaced, type JsonObject, type RunStatus } from '@dograh-trigger/shared';
import type { StatusReport } from '../carriers/port/report';
import type { RunState } from './run-state';

/** One moment, by the wall clock and by the steady clock, which never jumps. */
export interface Moment {
  at: Date;
  steadyAt: Date;
}

/** The result of applying a report to a run. */
export interface Transition {
  run: RunState;
  /** Whether the status has changed. */
  hasMoved: boolean;
  /** Whether this report is the first with the carrier's id of the call. */
  isIdentified: boolean;
  /** Whether any column of the run must be written. */
  hasChanged: boolean;
}

const progress: Partial<Record<RunStatus, number>> = { initiated: 0, ringing: 1, answered: 2 };

export function transition(run: RunState, report: StatusReport, moment: Moment): Transition {
  const moved = withStatus(run, report, moment);
  const isIdentified = isFirstId(moved ?? run, report);
  const identified = isIdentified ? { ...run, provider_call_id: report.callId ?? null } : (moved ?? run);
  const gathered = withGathered(identified, report, moved !== null);
  return {
    run: gathered ?? identified,
    hasMoved: moved !== null,
    isIdentified,
    hasChanged: moved !== null || isIdentified || gathered !== null,
  };
}

/** Ends a run for which nothing was dialled, for a reason that passes. The caller may send the same request again. */
export function endNotPlaced(run: RunState, reason: string, { at }: Moment): RunState {
  const ended = end(run, { status: 'failed', disposition: 'failed', seconds: 0, at });
  return withError({ ...ended, reason: notPlaced }, reason);
}

/** Ends a run whose call was never placed, or whose carrier no longer reports on it. */
export function endInError(run: RunState, reason: string, moment: Moment): RunState {
  const seconds = talkedSeconds(run, moment);
  return withError(end(run, { status: 'error', disposition: 'error', seconds, at: moment.at }), reason);
}

/** Whether this report means that the greeting was spoken. In a call that never connected, nobody heard it. */
export function isSpoken(run: RunState, report: StatusReport): boolean {
  // Carriers may request the greeting again after a timeout of theirs; it counts once.
  const canSpeak = !isFinalStatus(run.status) || run.status === 'completed';
  return report.greetingSpoken === true && canSpeak && run.has_transcript === 0;
}

/** @returns null when the report does not change the status. */
function withStatus(run: RunState, report: StatusReport, moment: Moment): RunState | null {
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

/**
 * If the reply to the dial was lost, the first report is the only source of the call's id, even if it does not change
 * the status.
 */
function isFirstId(run: RunState, report: StatusReport): boolean {
  return report.callId !== undefined && run.provider_call_id === null && !isFinalStatus(run.status);
}

/**
 * Stores what the carrier found out besides the status, such as who answered. Ignored once the run has ended, unless
 * this report ends it.
 *
 * @returns null when there is nothing new.
 */
function withGathered(run: RunState, report: StatusReport, hasMoved: boolean): RunState | null {
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

/** The disposition of a call. If it was never answered, that is its status. */
function dispositionOf(run: RunState, report: StatusReport): string {
  // After a cancel request in an answered call the carrier reports an ordinary ending.
  if (run.cancel_requested_at !== null && report.status === 'completed') return 'canceled';
  if (report.disposition !== undefined) return report.disposition;
  if (report.status !== 'completed') return report.status;
  // The report of the answer may have been lost. A call with billed seconds was answered.
  const wasAnswered = run.answered_at !== null || (report.durationSeconds ?? 0) > 0;
  return wasAnswered ? 'user_hangup' : 'unknown';
}

function durationOf(run: RunState, report: StatusReport, moment: Moment): number {
  if (report.durationSeconds !== undefined) return Math.max(0, Math.round(report.durationSeconds));
  return talkedSeconds(run, moment);
}

/** How long the call has lasted, even if the wall clock has jumped since the answer. */
function talkedSeconds(run: RunState, { at, steadyAt }: Moment): number {
  if (run.answered_at === null) return 0;
  const milliseconds =
    run.answered_steady_at === null
      ? at.getTime() - Date.parse(run.answered_at)
      : steadyAt.getTime() - Date.parse(run.answered_steady_at);
  return Math.max(0, Math.round(milliseconds / 1000));
}
