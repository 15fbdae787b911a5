/**
 * The state machine of a run. It only moves forward: initiated, ringing, answered, then one final status. A late or
 * repeated report changes nothing, so the first ending stands whatever the order of reports. This file is pure: the
 * effects of a new state are in `calls/run-course.ts`.
 */
import {
  answeredByWords,
  isFinalStatus,
  notPlaced,
  type AnsweredBy,
  type JsonObject,
  type RunReason,
  type RunStatus,
} from '@dograh-trigger/shared';
import { outcomes, type Outcome } from '../carriers/port/outcomes';
import type { Conversation, StatusReport } from '../carriers/port/report';
import type { MessageState } from '../storage/tables/runs';
import { parseVoicemail, type RunState } from './run-state';

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
  /** Whether the message for a machine is due now, and was not before. */
  isMessageDue: boolean;
  /** Whether the carrier speaks that message now, and did not before. */
  isMessageSpoken: boolean;
  /** Whether any column of the run must be written. */
  hasChanged: boolean;
}

const progress: Partial<Record<RunStatus, number>> = { initiated: 0, ringing: 1, answered: 2 };

export function transition(run: RunState, report: StatusReport, moment: Moment): Transition {
  const moved = withStatus(run, report, moment);
  const isIdentified = isFirstId(moved ?? run, report);
  const identified = isIdentified ? { ...run, provider_call_id: report.callId ?? null } : (moved ?? run);
  const learned = learn(identified, report, moved !== null);
  const told = learned ?? identified;
  const message = messageState(told, report);
  const isFurther = messageProgress(message) > messageProgress(run.message_state);
  return {
    run: isFurther ? { ...told, message_state: message } : told,
    hasMoved: moved !== null,
    isIdentified,
    isMessageDue: isFurther && message === 'due',
    isMessageSpoken:
      messageProgress(run.message_state) < messageProgress('spoken') && isFurther && message !== 'due',
    hasChanged: moved !== null || isIdentified || learned !== null || isFurther,
  };
}

/** The result of a report that is not about the current attempt. */
export function unmoved(run: RunState): Transition {
  return {
    run,
    hasMoved: false,
    isIdentified: false,
    isMessageDue: false,
    isMessageSpoken: false,
    hasChanged: false,
  };
}

/**
 * What a report says about the message for a machine. No message is due unless a machine answered, nor once the call has
 * ended, or is to end.
 */
function messageState(run: RunState, report: StatusReport): MessageState | null {
  if (report.messageHeard === true) return 'left';
  if (report.messageSpoken === true) return 'spoken';
  const isOpen = !isFinalStatus(run.status) && run.cancel_requested_at === null;
  const isMachine = answererOf(run) === 'machine';
  return report.messageIsDue === true && isOpen && isMachine && leavesMessage(run) ? 'due' : null;
}

function leavesMessage({ voicemail }: RunState): boolean {
  return parseVoicemail(voicemail)?.action === 'leave_message';
}

const messageStates: readonly (MessageState | null)[] = [null, 'due', 'spoken', 'left'];

function messageProgress(state: MessageState | null): number {
  return messageStates.indexOf(state);
}

/** Ends a run for which nothing was dialled, for a reason that passes. The caller may send the same request again. */
export function endNotPlaced(run: RunState, reason: string, { at }: Moment): RunState {
  const ending = { status: 'failed', disposition: 'failed', reason: notPlaced } as const;
  return withGathered(end(run, ending, 0, at), { error: reason });
}

/**
 * Ends a run whose call was never placed, or whose carrier no longer reports on it.
 * @param reason why, in words.
 */
export function endInError(
  run: RunState,
  { word, reason }: { word: RunReason; reason: string },
  moment: Moment,
): RunState {
  const ending = { status: 'error', disposition: 'error', reason: word } as const;
  return withGathered(end(run, ending, talkedSeconds(run, moment), moment.at), { error: reason });
}

/** Notes that the server ends a call because it has rung as long as its agent allows. */
export function withRingTimeout(run: RunState): RunState {
  return withGathered(run, { ring_timed_out: true });
}

/** Whether this report means that the greeting is spoken. In a call that never connected, nobody heard it. */
export function isSpoken(run: RunState, report: StatusReport): boolean {
  // Carriers may request the greeting again after a timeout of theirs; it counts once.
  const canSpeak = !isFinalStatus(run.status) || run.status === 'completed';
  const isGreeting = report.greetingSpoken === true || report.greetingBegun === true;
  return isGreeting && canSpeak && run.has_transcript === 0;
}

/** @returns null when the report does not change the status. */
function withStatus(run: RunState, report: StatusReport, moment: Moment): RunState | null {
  if (report.status === 'unknown' || isFinalStatus(run.status)) return null;
  const known = { ...run, provider_call_id: report.callId ?? run.provider_call_id };
  // By the carrier's own clock where it says when something happened: its reports come late, and not equally late.
  const steadyAt = new Date(moment.steadyAt.getTime() - (report.lateSeconds ?? 0) * 1000);
  if (report.status === 'ended') {
    const seconds = durationOf(run, report, { ...moment, steadyAt });
    const ending = endingOf(run, report);
    return withGathered(end(known, ending, seconds, moment.at), {
      ...report.conversation?.gathered,
      ...omittedOf(report),
      ...(ending.reason === null ? {} : carrierWords(report)),
    });
  }
  const isLater = (progress[report.status] ?? Infinity) > (progress[run.status] ?? Infinity);
  if (!isLater) return null;
  const { status } = report;
  if (status === 'ringing') return { ...known, status, ringing_steady_at: steadyAt.toISOString() };
  if (status !== 'answered') return { ...known, status };
  return {
    ...known,
    status,
    answered_at: moment.at.toISOString(),
    answered_steady_at: steadyAt.toISOString(),
  };
}

function omittedOf({ conversation }: StatusReport): JsonObject {
  const omitted = conversation?.omitted ?? [];
  return omitted.length === 0 ? {} : { omitted_results: [...omitted] };
}

/**
 * If the reply to the dial was lost, the first report is the only source of the call's id, even if it does not change
 * the status.
 */
function isFirstId(run: RunState, report: StatusReport): boolean {
  return report.callId !== undefined && run.provider_call_id === null && !isFinalStatus(run.status);
}

/**
 * What the carrier found out beside the status. Once the run has ended without it, only who answered is still learned:
 * carriers report that beside the call, and reports overtake each other.
 *
 * @returns null when there is nothing new.
 */
function learn(run: RunState, report: StatusReport, hasMoved: boolean): RunState | null {
  const isOver = isFinalStatus(run.status) && !hasMoved;
  const { announcementHeard, error } = report;
  const answeredBy = outranks(report, run) ? report.answeredBy : undefined;
  if (isOver && (run.status !== 'completed' || answeredBy === undefined)) return null;
  if (isOver && isDefinite(answererOf(run))) return null;
  const updated = withGathered(run, {
    ...(answeredBy === undefined ? {} : { answered_by: answeredBy.who, answered_by_raw: answeredBy.raw }),
    ...(announcementHeard === undefined || isOver ? {} : { announcement_heard: true }),
    ...(error === undefined || isOver ? {} : { error }),
  });
  const outcome =
    isOver && ordinaryDispositions.has(run.disposition) ? machineOutcome(answererOf(updated)) : undefined;
  const learned =
    outcome === undefined
      ? updated
      : { ...updated, disposition: outcomes[outcome].disposition, reason: outcomes[outcome].reason };
  return learned.gathered_context === run.gathered_context ? null : learned;
}

function end(
  run: RunState,
  { status, disposition, reason }: { status: RunStatus; disposition: string; reason: RunReason | null },
  seconds: number,
  at: Date,
): RunState {
  return {
    ...run,
    status,
    disposition,
    reason,
    call_duration_seconds: run.earlier_seconds + seconds,
    completed_at: at.toISOString(),
  };
}

/**
 * A completed run of which nothing said how it ended, now that a late report says so. Its status is final.
 * @returns null where the report says nothing new, or the call is told to have ended with another status.
 */
export function explained(run: RunState, report: StatusReport): RunState | null {
  const { unexplained } = outcomes;
  if (run.status !== unexplained.status || run.disposition !== unexplained.disposition) return null;
  if (report.status !== 'ended' || outcomes[report.outcome].status !== run.status) return null;
  const { disposition, reason } = outcomes[report.outcome];
  const own = report.conversation?.disposition ?? disposition;
  return own === run.disposition ? null : { ...run, disposition: own, reason };
}

/** A run with the end of its conversation, which stands where nothing else is known of the end, such as a cancellation. */
export function concludedRun(run: RunState, { disposition }: Pick<Conversation, 'disposition'>): RunState {
  const isOrdinary =
    ordinaryDispositions.has(run.disposition) || run.disposition === outcomes.unexplained.disposition;
  return disposition === null || run.status !== 'completed' || !isOrdinary ? run : { ...run, disposition };
}

function gatheredOf(run: Pick<RunState, 'gathered_context'>): JsonObject {
  return JSON.parse(run.gathered_context) as JsonObject;
}

function withGathered(run: RunState, values: JsonObject): RunState {
  return { ...run, gathered_context: JSON.stringify({ ...gatheredOf(run), ...values }) };
}

function carrierWords({ carrierReason, sipCode }: StatusReport): JsonObject {
  return {
    ...(carrierReason === undefined ? {} : { carrier_reason: carrierReason }),
    ...(sipCode === undefined ? {} : { sip_code: sipCode }),
  };
}

/** How an answered call usually ends. Where a machine answered, these words would describe a conversation. */
const ordinary: readonly Outcome[] = ['callee_hung_up', 'agent_hung_up', 'limit_reached', 'talk_ended'];
const ordinaryDispositions: ReadonlySet<string | null> = new Set(
  ordinary.map((outcome) => outcomes[outcome].disposition),
);

/** What carriers make of our cancellation while it rings. A line that was busy was so by itself. */
const canceledByUs: ReadonlySet<Outcome> = new Set<Outcome>([
  ...ordinary,
  'hung_up_elsewhere',
  'canceled',
  'no_answer',
  'failed',
]);

type EndReport = StatusReport & { status: 'ended' };

/** The agent's own word stands only where nothing else is known of the end, such as a cancellation. */
function endingOf(run: RunState, report: EndReport) {
  const outcome = outcomeOf(run, report);
  const ending = outcomes[outcome];
  const own = outcome === report.outcome ? report.conversation?.disposition : null;
  return own == null ? ending : { ...ending, disposition: own };
}

/** The carrier's outcome, in the light of what else is known of the call. */
function outcomeOf(run: RunState, report: EndReport): Outcome {
  const { outcome } = report;
  const wasAnswered = run.answered_at !== null || isKnownAsAnswered(report);
  if (run.cancel_requested_at !== null) {
    if (wasAnswered) return 'canceled_in_talk';
    return canceledByUs.has(outcome) ? 'canceled' : outcome;
  }
  if (outcome === 'announcement_failed' || outcomes[outcome].status === 'error') return outcome;
  if (!wasAnswered) {
    if (gatheredOf(run).ring_timed_out === true && canceledByUs.has(outcome)) return 'no_answer';
    return outcome === 'talk_ended' ? 'unexplained' : outcome;
  }
  if (outcomes[outcome].status !== 'completed') return 'unexplained';
  if (!ordinary.includes(outcome)) return outcome;
  const isAgents = outcome === 'talk_ended' && isAnnouncementHeard(run);
  return machineOutcome(answererAfter(run, report)) ?? (isAgents ? 'agent_hung_up' : outcome);
}

/** The report of the answer may have been lost: who was billed for seconds was talking. */
function isKnownAsAnswered({ outcome, wasAnswered, durationSeconds = 0 }: EndReport): boolean {
  return wasAnswered === true || (durationSeconds > 0 && outcomes[outcome].status === 'completed');
}

function machineOutcome(who: AnsweredBy | undefined): Outcome | undefined {
  if (who === 'fax') return 'fax';
  return who === 'machine' ? 'voicemail' : undefined;
}

/** Whether the announcement was heard to its end. */
export function isAnnouncementHeard(run: Pick<RunState, 'gathered_context'>): boolean {
  return gatheredOf(run).announcement_heard === true;
}

/** Who answered, by what the run has gathered. */
export function answererOf(run: Pick<RunState, 'gathered_context'>): AnsweredBy | undefined {
  const { answered_by: who } = gatheredOf(run);
  return answeredByWords.find((word) => word === who);
}

/**
 * How much each word weighs against another one, whatever their order. A person who was heard is never taken for a
 * machine.
 */
const weights: Record<AnsweredBy, number> = { unknown: 0, machine: 1, fax: 2, human: 3 };

function outranks({ answeredBy }: StatusReport, run: Pick<RunState, 'gathered_context'>): boolean {
  const known = answererOf(run);
  return answeredBy !== undefined && (known === undefined || weights[answeredBy.who] > weights[known]);
}

function isDefinite(who: AnsweredBy | undefined): boolean {
  return who !== undefined && who !== 'unknown';
}

/** Who answered, by what the run has gathered and by a report that it may not have yet. */
export function answererAfter(
  run: Pick<RunState, 'gathered_context'>,
  report: StatusReport | null,
): AnsweredBy | undefined {
  return report !== null && outranks(report, run) ? report.answeredBy?.who : answererOf(run);
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
