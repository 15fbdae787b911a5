/**
 * The state machine of a run. It only moves forward: initiated, ringing, answered, then one final status.
 * A late or repeated report changes nothing but the log, so whatever order callbacks come in, the first ending stands.
 */
import { isFinalStatus, type JsonObject, type RunStatus } from '@dograh-trigger/shared';
import type { Services } from '../services';
import type { Session } from '../storage/storage';
import type { StatusReport } from '../telephony/provider';
import { appendRunEvents, findRunState, updateRunState, type RunEvent, type RunState } from './store';
import { greetingFor } from '../agents/greeting';

const progress: Partial<Record<RunStatus, number>> = { initiated: 0, ringing: 1, answered: 2 };

/** Applies what a carrier said about a run, in order. Unknown words are logged with the run and move nothing. */
export async function applyReports(
  services: Services,
  session: Session,
  runId: number,
  reports: readonly StatusReport[],
): Promise<void> {
  const run = await findRunState(session, runId);
  if (run === undefined) throw new Error(`There is no run ${String(runId)} to report on`);
  const at = services.clock.now();
  const events: RunEvent[] = [];
  let changed = false;
  for (const report of reports) {
    events.push({ kind: 'status_callback', payload: toLogEntry(report, at) });
    if (report.greetingSpoken === true) events.push(...(await greetingEvents(session, run, at)));
    changed = move(run, report, at) || changed;
  }
  await appendRunEvents(session, runId, events, at.toISOString());
  if (changed) await updateRunState(session, run);
}

/** What the agent said, rendered with the run's context at the moment of answering. */
async function greetingEvents(session: Session, run: RunState, at: Date): Promise<RunEvent[]> {
  const context = JSON.parse(run.initial_context) as JsonObject;
  const text = await greetingFor(session, run.definition_id, context, at);
  if (text === null) return [];
  return [
    {
      kind: 'feedback',
      payload: { type: 'rtf-bot-text', payload: { text }, timestamp: at.toISOString(), turn: 0 },
    },
  ];
}

/** Ends a run whose call never came to be: the carrier refused, and the reason is known. */
export async function endAsNotPlaced(
  services: Services,
  session: Session,
  runId: number,
  reason: string,
): Promise<void> {
  const run = await findRunState(session, runId);
  if (run === undefined || run.completed_at !== null) return;
  const at = services.clock.now().toISOString();
  run.gathered_context = JSON.stringify({ error: reason });
  end(run, 'error', 'error', 0, at);
  const payload: JsonObject = {
    type: 'rtf-pipeline-error',
    payload: { error: reason, fatal: true, processor: 'call_start' },
    timestamp: at,
    turn: 0,
  };
  await appendRunEvents(session, run.id, [{ kind: 'feedback', payload }], at);
  await updateRunState(session, run);
}

function move(run: RunState, report: StatusReport, at: Date): boolean {
  if (report.status === 'unknown' || isFinalStatus(run.status)) return false;
  const isLater = (progress[report.status] ?? Infinity) > (progress[run.status] ?? Infinity);
  if (!isLater) return false;
  run.provider_call_id = report.callId ?? run.provider_call_id;
  if (!isFinalStatus(report.status)) {
    run.status = report.status;
    if (report.status === 'answered') run.answered_at = at.toISOString();
    return true;
  }
  end(run, report.status, dispositionOf(run, report), durationOf(run, report, at), at.toISOString());
  return true;
}

function end(
  run: RunState,
  status: RunStatus,
  disposition: string,
  durationSeconds: number,
  at: string,
): void {
  run.status = status;
  run.disposition = disposition;
  run.call_duration_seconds = durationSeconds;
  run.completed_at = at;
}

/** A call that was never answered ends with its status as disposition. */
function dispositionOf(run: RunState, report: StatusReport): string {
  if (report.disposition !== undefined) return report.disposition;
  if (report.status === 'completed') return run.answered_at === null ? 'unknown' : 'user_hangup';
  return report.status;
}

function durationOf(run: RunState, report: StatusReport, at: Date): number {
  if (report.durationSeconds !== undefined) return Math.max(0, Math.round(report.durationSeconds));
  return run.answered_at === null
    ? 0
    : Math.max(0, Math.round((at.getTime() - Date.parse(run.answered_at)) / 1000));
}

function toLogEntry(report: StatusReport, at: Date): JsonObject {
  return {
    status: report.status,
    raw_status: report.rawStatus,
    timestamp: at.toISOString(),
    call_id: report.callId ?? null,
    duration: report.durationSeconds === undefined ? null : String(report.durationSeconds),
  };
}
