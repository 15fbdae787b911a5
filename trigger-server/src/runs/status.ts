/**
 * The state machine of a run. It only moves forward: initiated, ringing, answered, then one final status.
 * A late or repeated report changes nothing but the log, so whatever order callbacks come in, the first ending stands.
 */
import { isFinalStatus, notPlaced, type JsonObject, type RunStatus } from '@dograh-trigger/shared';
import { awaitRecording } from '../artifacts/awaited';
import { spokenEventType } from '../artifacts/transcript';
import type { Services } from '../services';
import type { Session } from '../storage/port';
import type { StatusReport } from '../carriers/port/report';
import { promptContext } from './prompt-context';
import { appendRunEvents, listRunEvents, type RunEvent } from './run-log';
import { findRunState, updateRunState, type RunState } from './store';
import { greetingFor } from '../agents/greeting';
import { enqueueRunEvents } from '../webhooks/outbox';
import { rememberDisposition } from './usage-dispositions';

type Needs = Pick<Services, 'config' | 'clock' | 'chance'>;

const progress: Partial<Record<RunStatus, number>> = { initiated: 0, ringing: 1, answered: 2 };

/** One moment, by the wall clock and by the one that never jumps. */
interface Moment {
  at: Date;
  steadyAt: Date;
}

function momentOf({ clock }: Pick<Services, 'clock'>): Moment {
  return { at: clock.now(), steadyAt: clock.steady() };
}

/** Of different reports with a run; only one that moves it is kept beyond. A carrier, or a stranger, may send any number. */
const mostKeptReports = 50;

/**
 * Applies what a carrier said about a run, in order. Unknown words are logged with the run and move nothing. What moves
 * nothing is logged once, however often it comes.
 */
export async function applyReports(
  services: Pick<Services, 'config' | 'clock' | 'chance' | 'log'>,
  session: Session,
  runId: number,
  reports: readonly StatusReport[],
): Promise<void> {
  const run = await findRunState(session, runId);
  if (run === undefined) throw new Error(`There is no run ${String(runId)} to report on`);
  const moment = momentOf(services);
  const { at } = moment;
  const wasEnded = run.completed_at !== null;
  const events: RunEvent[] = [];
  let changed = false;
  let logged: Set<string> | undefined;
  for (const report of reports) {
    const moved = move(run, report, moment);
    const identified = identify(run, report);
    const entry = toLogEntry(report, at);
    if (moved || identified) events.push(entry);
    else {
      logged ??= await loggedReports(session, runId, events);
      const isFull = logged.size >= mostKeptReports;
      if (isFull) services.log.info({ runId }, 'a report was not kept: the log of its run is full');
      else if (!logged.has(saidBy(entry))) events.push(entry);
      logged.add(saidBy(entry));
    }
    changed = gather(run, report, moved) || identified || moved || changed;
    // Carriers ask for the greeting again after a timeout of theirs; it was spoken once. Nobody heard it where the
    // call never connected, whatever is reported late.
    const canSpeak = !isFinalStatus(run.status) || run.status === 'completed';
    if (report.greetingSpoken === true && canSpeak && run.has_transcript === 0) {
      const spoken = await greetingEvents(session, run, at);
      if (spoken.length > 0) run.has_transcript = 1;
      changed ||= spoken.length > 0;
      events.push(...spoken);
    }
  }
  if (events.length > 0) await appendRunEvents(session, runId, events, at.toISOString());
  if (changed) await save(session, run);
  if (!wasEnded && run.completed_at !== null) await enqueueRunEvents(services, session, run, at);
}

/** An ended run of which nothing is awaited is ready with all there is. */
async function save(session: Session, run: RunState): Promise<void> {
  if (run.completed_at !== null && run.artifacts_ready_at === null) {
    if (!(await awaitRecording(session, run))) run.artifacts_ready_at = run.completed_at;
  }
  if (run.disposition !== null) await rememberDisposition(session, run.id, run.disposition);
  await updateRunState(session, run);
}

/** What the agent said, rendered with the run's context at the moment of answering. */
async function greetingEvents(session: Session, run: RunState, at: Date): Promise<RunEvent[]> {
  const text = await greetingFor(session, run.definition_id, promptContext(run), at);
  if (text === null || text.trim() === '') return [];
  return [
    {
      kind: 'feedback',
      payload: { type: spokenEventType, payload: { text }, timestamp: at.toISOString(), turn: 0 },
    },
  ];
}

/**
 * Ends a run that nobody was called for, because of something that passes. The same request comes again, so this is not
 * the end of the call that the caller wants, and no event tells of one.
 */
export async function endAsNotPlaced(
  services: Pick<Services, 'clock'>,
  session: Session,
  runId: number,
  reason: string,
): Promise<void> {
  const run = await findRunState(session, runId);
  if (run === undefined || run.completed_at !== null) return;
  const instant = services.clock.now().toISOString();
  end(run, 'failed', 'failed', 0, instant);
  run.reason = notPlaced;
  await noteError(session, run, reason, 'call_start', instant);
}

/** Ends a run whose call never came to be: the carrier refused, and the reason is known. */
export function endAsRefused(
  services: Needs,
  session: Session,
  runId: number,
  reason: string,
): Promise<void> {
  return endInError(services, session, runId, reason, 'call_start');
}

/** Ends a run that nobody reports on any more; what became of the call is not known. */
export function endAsLost(services: Needs, session: Session, runId: number, reason: string): Promise<void> {
  return endInError(services, session, runId, reason, 'watchdog');
}

/** @param processor who found the error, as Dograh's events name it. */
async function endInError(
  services: Needs,
  session: Session,
  runId: number,
  reason: string,
  processor: 'call_start' | 'watchdog',
): Promise<void> {
  const run = await findRunState(session, runId);
  if (run === undefined || run.completed_at !== null) return;
  const moment = momentOf(services);
  const { at } = moment;
  const instant = at.toISOString();
  end(run, 'error', 'error', talkedSeconds(run, moment), instant);
  await noteError(session, run, reason, processor, instant);
  await enqueueRunEvents(services, session, run, at);
}

/** Saves a run that an error has ended, with the error in its context and its log. */
async function noteError(
  session: Session,
  run: RunState,
  error: string,
  processor: string,
  instant: string,
): Promise<void> {
  const gathered = JSON.parse(run.gathered_context) as JsonObject;
  run.gathered_context = JSON.stringify({ ...gathered, error });
  await appendRunEvents(session, run.id, [errorEvent(error, processor, instant)], instant);
  await save(session, run);
}

function errorEvent(reason: string, processor: string, at: string): RunEvent {
  return {
    kind: 'feedback',
    payload: {
      type: 'rtf-pipeline-error',
      payload: { error: reason, fatal: true, processor },
      timestamp: at,
      turn: 0,
    },
  };
}

/** The first report may be all that says which call this is: the reply to the dial was lost, and nothing moves yet. */
function identify(run: RunState, report: StatusReport): boolean {
  if (report.callId === undefined || run.provider_call_id !== null || isFinalStatus(run.status)) return false;
  run.provider_call_id = report.callId;
  return true;
}

/** What the carrier found out beside the status, such as who answered; not once the run has ended without it. */
function gather(run: RunState, report: StatusReport, moved: boolean): boolean {
  if (report.gathered === undefined || (isFinalStatus(run.status) && !moved)) return false;
  const before = run.gathered_context;
  run.gathered_context = JSON.stringify({ ...(JSON.parse(before) as JsonObject), ...report.gathered });
  return run.gathered_context !== before;
}

function move(run: RunState, report: StatusReport, moment: Moment): boolean {
  if (report.status === 'unknown' || isFinalStatus(run.status)) return false;
  const isLater = (progress[report.status] ?? Infinity) > (progress[run.status] ?? Infinity);
  if (!isLater) return false;
  run.provider_call_id = report.callId ?? run.provider_call_id;
  if (!isFinalStatus(report.status)) {
    run.status = report.status;
    if (report.status === 'answered') {
      run.answered_at = moment.at.toISOString();
      run.answered_steady_at = moment.steadyAt.toISOString();
    }
    return true;
  }
  const seconds = durationOf(run, report, moment);
  end(run, report.status, dispositionOf(run, report), seconds, moment.at.toISOString());
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

function toLogEntry(report: StatusReport, at: Date): RunEvent {
  return {
    kind: 'status_callback',
    payload: {
      status: report.status,
      raw_status: report.rawStatus,
      timestamp: at.toISOString(),
      call_id: report.callId ?? null,
      duration: report.durationSeconds === undefined ? null : String(report.durationSeconds),
    },
  };
}

/** What the log of a run has of its carrier's reports, with those that are about to be written. */
async function loggedReports(
  session: Session,
  runId: number,
  unwritten: readonly RunEvent[],
): Promise<Set<string>> {
  const events = [...(await listRunEvents(session, runId)), ...unwritten];
  return new Set(events.filter(({ kind }) => kind === 'status_callback').map(saidBy));
}

/** What a report said, whenever it came. */
function saidBy({ payload }: RunEvent): string {
  return JSON.stringify({ ...payload, timestamp: null });
}
