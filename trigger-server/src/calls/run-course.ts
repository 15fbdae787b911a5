/**
 * The only conductor of a call. It decides what a report or an ending means, in one transaction: the state, the log, the
 * awaited recording and the events of the end are written together or not at all.
 */
import type { RunReason } from '@dograh-trigger/shared';
import { countEndedRun, countRequeuedRun } from '../accounts/organizations';
import { awaitRecording, isRecordingAwaited } from '../artifacts/awaited';
import { cutSpeech, hasSpeech, isSpeechToCut } from '../artifacts/heard';
import { conversationEvents } from '../artifacts/transcript';
import type { CallAttempt } from '../carriers/port/call-name';
import type { StatusReport } from '../carriers/port/report';
import { markReady } from '../runs/artifacts/run-artifacts';
import { appendRunEvents, feedbackEvent, type RunEvent } from '../runs/run-log';
import {
  findRunState,
  noteDialOutcome,
  saveRunState,
  type RecordableOutcome,
  type RunState,
} from '../runs/run-state';
import { findRun } from '../runs/runs';
import { noteLateDial } from '../runs/attempts/attempts';
import { noteReportedUsage } from '../runs/reported-usage';
import { postponeDeadline } from '../runs/due/overdue-runs';
import {
  endInError,
  endNotPlaced,
  isSpoken,
  transition,
  unmoved,
  withRingTimeout,
  type Moment,
} from '../runs/transitions';
import type { Services } from '../services';
import type { Session, WriteSession } from '../storage/port';
import { rememberDisposition } from '../usage/dispositions';
import { countCampaignEnd } from './campaign-state/ends';
import { areResultsAwaited, awaitConversation, awaitResults } from './following/late';
import { nextQuestion } from './questions/pause';
import { addIfAsked, lockIfAsked } from './policy/do-not-call/asked-in-call';
import { loggedReports, mostKeptReports, saidBy, toLogEntry } from './carrier/report-log';
import { greetingEvents, messageEvents } from './carrier/spoken-events';
import { redial } from './redial/redial';
import { deletePlan } from './waiting/plan';
import { isOutdated, queueAgain } from './waiting/return';
import {
  enqueueAnsweredEvents,
  enqueueAttemptEvents,
  enqueueReadyEvents,
  enqueueRunEvents,
  makeEventsDueNow,
  nobody,
  receiversOf,
} from '../events/outbox';

type Needs = Pick<Services, 'config' | 'clock' | 'chance'>;

/**
 * @property isMessageDue whether the message for a machine is due now, and was not before. @property isEventDue whether an
 * event was written that is due now.
 */
export interface ReportEffect {
  isMessageDue: boolean;
  isEventDue: boolean;
}

/**
 * Applies a carrier's reports to an attempt, in order. An unknown word is logged with the run and moves nothing. A report
 * that moves nothing is logged once, however often it is repeated. So is one on an attempt that was followed by another.
 */
export async function applyReports(
  services: Needs & Pick<Services, 'log'>,
  session: WriteSession,
  call: CallAttempt,
  reports: readonly StatusReport[],
): Promise<ReportEffect> {
  const { runId } = call;
  for (const { status, conversation } of reports)
    if (status === 'ended' || conversation !== undefined) await lockIfAsked(session, runId, conversation);
  await session.lock('run', runId);
  const before = await findRunState(session, runId);
  if (before === undefined) throw new Error(`There is no run ${String(runId)} to report on`);
  // A late report would bring back what was erased. A dial of a queued run called nobody.
  if (before.erased_at !== null || (before.status === 'queued' && before.attempt === call.attempt))
    return { isMessageDue: false, isEventDue: false };
  const moment = momentOf(services);
  const { at } = moment;
  let run = before;
  const events: RunEvent[] = [];
  let hasChanged = false;
  let isMessageDue = false;
  let logged: Set<string> | undefined;
  for (const report of reports) {
    const step = before.attempt === call.attempt ? transition(run, report, moment) : unmoved(run);
    run = step.run;
    const entry = toLogEntry(report, at, call);
    if (step.hasMoved || step.isIdentified) events.push(entry);
    else {
      logged ??= await loggedReports(session, runId, events);
      const isFull = logged.size >= mostKeptReports;
      if (isFull) services.log.info({ runId }, 'a report was not kept: the log of its run is full');
      else if (!logged.has(saidBy(entry))) events.push(entry);
      logged.add(saidBy(entry));
    }
    isMessageDue ||= step.isMessageDue;
    const spoken = [
      ...(before.attempt === call.attempt && isSpoken(run, report)
        ? await greetingEvents(session, run, report, at)
        : []),
      ...(step.isMessageSpoken ? await messageEvents(session, run, report, at) : []),
      ...(step.hasMoved ? conversationEvents(report.conversation?.utterances ?? [], at) : []),
    ];
    if (step.hasMoved && report.conversation !== undefined) {
      await noteReportedUsage(session, runId, report.conversation);
      if (!report.conversation.isWhole) await awaitResults(services, session, call);
    } else if (step.hasMoved && run.completed_at !== null) {
      await awaitConversation(services, session, run);
    }
    if (spoken.length > 0) run = { ...run, has_transcript: 1 };
    events.push(...spoken);
    hasChanged ||= step.hasChanged || spoken.length > 0;
  }
  const append = () => appendRunEvents(session, runId, events, at.toISOString());
  const isToCut = hasChanged && isSpeechToCut(before, run);
  if (!hasChanged || isToCut) await append();
  if (!hasChanged) return { isMessageDue, isEventDue: false };
  if (isToCut && !(await cutSpeech(session, run))) run = { ...run, has_transcript: 0 };
  const wait = inMilliseconds(services, await nextQuestion(services, session, run));
  // Statements that do not need each other's answers cost one round trip together.
  const [isEventDue] = await Promise.all([
    saveAndTell(services, session, before, run, wait),
    isToCut ? undefined : append(),
  ]);
  return { isMessageDue, isEventDue };
}

/**
 * Notes that a call is ended because it has rung as long as its agent allows. It is noted before the carrier is told,
 * whose report of the end may come before its reply.
 * @returns false if it no longer rings; it must then not be ended.
 */
export async function noteRingTimeout(
  services: Pick<Services, 'clock'>,
  session: WriteSession,
  call: CallAttempt,
): Promise<boolean> {
  await session.lock('run', call.runId);
  const run = await findRunState(session, call.runId);
  if (run?.status !== 'ringing' || run.attempt !== call.attempt) return false;
  const noted = withRingTimeout(run);
  const at = services.clock.now();
  if (noted.gathered_context === run.gathered_context) return true;
  const event = toLogEntry({ status: 'ringing', rawStatus: 'ring_timeout' }, at, call);
  await appendRunEvents(session, call.runId, [event], at.toISOString());
  await saveRunState(session, noted, null);
  return true;
}

/**
 * What became of a run by the outcome of its dial. `late`: its attempt had ended, and the call was queued again.
 * `outdated`: nothing, because it is no longer the dial of the run.
 */
export type AfterDial = 'recorded' | 'queued' | 'late' | 'outdated';

/**
 * Records the carrier's reply to the dial. Where no phone rings, the run ends here; or, if nobody was called for a reason
 * that passes and the call may wait, it is queued again.
 * @param planRevision of a call that was queued: which dial this is. The write may be repeated after its reply was lost,
 * and the call may have been queued, or dialled again, meanwhile. Null: it was not queued.
 */
export async function recordDial(
  services: Needs,
  session: WriteSession,
  call: CallAttempt,
  result: RecordableOutcome,
  planRevision: number | null,
): Promise<AfterDial> {
  const { runId } = call;
  await session.lock('run', runId);
  if (planRevision !== null && (await isOutdated(session, call, planRevision))) return 'outdated';
  if (result.outcome === 'not_sent' && (await queueAgain(services, session, call, result))) return 'queued';
  const followUpAt = inMilliseconds(services, firstFollowUp(result));
  if ((await noteDialOutcome(session, call, result, followUpAt)) === 0) {
    await noteLateDial(session, call, result);
    return 'late';
  }
  if (result.outcome === 'refused') await endAsRefused(services, session, runId, result.detail);
  if (result.outcome === 'not_sent') await endAsNotPlaced(services, session, runId, result.detail);
  return 'recorded';
}

/** @returns milliseconds; null where the call is not followed up by itself. */
export function firstFollowUp(result: RecordableOutcome): number | null {
  return ('followUpMilliseconds' in result ? result.followUpMilliseconds : null) ?? null;
}

function inMilliseconds({ clock }: Pick<Services, 'clock'>, wait: number | null): string | null {
  return wait === null ? null : new Date(clock.steady().getTime() + wait).toISOString();
}

/** Ends a run whose call was never placed: the carrier refused it, with a reason. */
export function endAsRefused(services: Needs, session: WriteSession, runId: number, reason: string) {
  return endWithError(services, session, {
    runId,
    word: 'refused_by_carrier',
    reason,
    processor: 'call_start',
  });
}

/**
 * Ends a run whose carrier no longer reports. The outcome of the call is unknown.
 * @param values `leaseEnd`: of the watchdog's claim. `lostAt`: when the connection to the carrier was lost, by the steady
 * clock: the call counts until then.
 * @returns false if the run has ended meanwhile, or another process has claimed it.
 */
export async function endAsLost(
  services: Needs,
  session: WriteSession,
  {
    runId,
    leaseEnd,
    reason,
    lostAt,
  }: { runId: number; leaseEnd: string; reason: string; lostAt: Date | null },
): Promise<boolean> {
  await session.lock('run', runId);
  const isClaimed = await postponeDeadline(session, { id: runId, leaseEnd, deadlineAt: leaseEnd });
  if (!isClaimed) return false;
  await endWithError(services, session, {
    runId,
    word: 'no_report',
    reason,
    processor: 'watchdog',
    ...(lostAt === null ? {} : { steadyAt: lostAt }),
  });
  return true;
}

/** No phone rang and the caller will retry, so this end sends no event. */
async function endAsNotPlaced(
  services: Needs,
  session: WriteSession,
  runId: number,
  reason: string,
): Promise<void> {
  const run = await findRunState(session, runId);
  if (run === undefined || run.completed_at !== null) return;
  const moment = momentOf(services);
  await noteError(session, runId, { error: reason, processor: 'call_start', at: moment.at });
  await save(services, session, run, endNotPlaced(run, reason, moment));
}

/**
 * The recording or the late results of a run have arrived, or were given up. Once none of them is awaited any more, the
 * events that waited for them are due.
 */
export async function artifactsReady(services: Needs, session: Session, runId: number): Promise<void> {
  const at = services.clock.now();
  const instant = at.toISOString();
  const before = await findRunState(session, runId);
  if (
    before === undefined ||
    (await isRecordingAwaited(session, runId)) ||
    (await areResultsAwaited(session, before))
  ) {
    return;
  }
  if (!(await markReady(session, runId, instant))) return;
  await makeEventsDueNow(session, runId, instant);
  const run = await findRun(session, runId);
  if (run === undefined) return;
  const receivers = await receiversOf(services, session, run, { hasEnded: false });
  await enqueueReadyEvents(services, session, { run, receivers }, at);
}

/**
 * @property reason why, in words. @property processor the part that found the error, by Dograh's name for it. @property
 * steadyAt when the call ended, by the steady clock; by default now.
 */
interface ErrorEnd {
  runId: number;
  word: RunReason;
  reason: string;
  processor: 'call_start' | 'watchdog';
  steadyAt?: Date;
}

async function endWithError(
  services: Needs,
  session: WriteSession,
  { runId, word, reason, processor, steadyAt }: ErrorEnd,
): Promise<void> {
  await lockIfAsked(session, runId, undefined);
  await session.lock('run', runId);
  const run = await findRunState(session, runId);
  if (run === undefined || run.completed_at !== null || run.status === 'queued') return;
  const moment = { ...momentOf(services), ...(steadyAt === undefined ? {} : { steadyAt }) };
  await noteError(session, runId, { error: reason, processor, at: moment.at });
  await awaitConversation(services, session, run);
  await saveAndTell(services, session, run, endInError(run, { word, reason }, moment));
}

function momentOf({ clock }: Pick<Services, 'clock'>): Moment {
  return { at: clock.now(), steadyAt: clock.steady() };
}

/** Saves a run, and inserts the events of what has happened with it. @returns whether one of them is due now. */
async function saveAndTell(
  services: Needs,
  session: WriteSession,
  before: RunState,
  run: RunState,
  followUpAt: string | null = null,
): Promise<boolean> {
  const { at } = momentOf(services);
  const isAnswered = before.answered_at === null && run.answered_at !== null;
  const hasEnded = before.completed_at === null && run.completed_at !== null;
  const [saved, receivers] = await Promise.all([
    save(services, session, before, run, followUpAt),
    isAnswered || hasEnded ? receiversOf(services, session, run, { hasEnded }) : nobody,
  ]);
  const isAnswerDue = isAnswered && (await enqueueAnsweredEvents(services, session, { run, receivers }, at));
  if (saved === 'queued again')
    return (await enqueueAttemptEvents(services, session, { run, receivers }, at)) || isAnswerDue;
  if (!hasEnded) return isAnswerDue;
  const ended = { run: saved, receivers };
  return (await enqueueRunEvents(services, session, ended, at, saved.attempt)) || isAnswerDue;
}

/** An ended attempt is followed by another one, or ends the run, which is ready unless its recording is awaited. */
async function save(
  services: Needs,
  session: WriteSession,
  before: RunState,
  ended: RunState,
  followUpAt: string | null = null,
): Promise<RunState | 'queued again'> {
  const hasEnded = before.completed_at === null && ended.completed_at !== null;
  if (hasEnded && (await redial(services, session, ended))) {
    await countRequeuedRun(session, ended);
    return 'queued again';
  }
  const isSilent = hasEnded && ended.attempt > 1 && ended.has_transcript === 0;
  const run = isSilent && (await hasSpeech(session, ended.id)) ? { ...ended, has_transcript: 1 } : ended;
  const hasAll =
    run.completed_at !== null &&
    run.artifacts_ready_at === null &&
    !(await awaitRecording(session, run)) &&
    !(await areResultsAwaited(session, run));
  const saved = hasAll ? { ...run, artifacts_ready_at: run.completed_at } : run;
  await Promise.all([
    run.disposition === null ? undefined : rememberDisposition(session, run.id, run.disposition),
    saveRunState(session, saved, followUpAt),
    hasEnded ? countEndedRun(session, run.organization_id) : undefined,
    hasEnded ? countCampaignEnd(session, run) : undefined,
    hasEnded && run.has_plan === 1 ? deletePlan(session, run.id) : undefined,
  ]);
  if (hasEnded) await addIfAsked(services, session, run);
  return saved;
}

async function noteError(
  session: Session,
  runId: number,
  { error, processor, at }: { error: string; processor: string; at: Date },
): Promise<void> {
  const event = feedbackEvent('rtf-pipeline-error', { error, fatal: true, processor }, at.toISOString());
  await appendRunEvents(session, runId, [event], at.toISOString());
}
