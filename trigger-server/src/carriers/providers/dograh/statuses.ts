/** What a run of Dograh says about its call, in our words. Source: https://docs.dograh.com/api-reference */
import {
  isFinalStatus,
  isStorableText,
  jsonObject,
  mayRing,
  neverConnectedStatuses,
  runStatuses,
  type JsonObject,
} from '@dograh-trigger/shared';
import * as z from 'zod';
import { outcomes, type Outcome } from '../../port/outcomes';
import { ended, type Conversation, type StatusReport } from '../../port/report';
import { cutText } from './bounds';

/** A value of another kind than Dograh documents counts as missing: the rest of the run is still true. */
function lenient<Schema extends z.ZodType>(schema: Schema) {
  return schema.nullish().catch(null);
}

/** What a run and its row in the list have in common. The bundled server adds the last three. */
const eitherRun = z.looseObject({
  id: z.int(),
  initial_context: jsonObject.nullish(),
  gathered_context: lenient(jsonObject),
  transcript_url: lenient(z.string()),
  recording_url: lenient(z.string()),
  status: lenient(z.string()),
  reason: lenient(z.string()),
  artifacts_ready: lenient(z.boolean()),
});

export const dograhRun = eitherRun.extend({
  workflow_id: lenient(z.int()),
  name: lenient(z.string()),
  is_completed: z.boolean(),
  transcript_public_url: lenient(z.string()),
  recording_public_url: lenient(z.string()),
  usage_info: lenient(jsonObject),
  cost_info: lenient(jsonObject),
  logs: lenient(z.looseObject({ telephony_status_callbacks: lenient(z.array(z.unknown())) })),
});
export type DograhRun = z.infer<typeof dograhRun>;

export const listedRun = eitherRun.extend({
  call_duration_seconds: lenient(z.number()),
  disposition: lenient(z.string()),
  omitted_fields: lenient(z.array(z.string())),
});
export type ListedRun = z.infer<typeof listedRun>;

type EitherRun = z.infer<typeof eitherRun>;

/** Dograh's words for the end of a call. A word that an organization or an agent has made up ends a conversation. */
const endings = new Map<string, Outcome>([
  ['user_hangup', 'callee_hung_up'],
  ['end_call_tool', 'agent_hung_up'],
  ['user_idle_max_duration_exceeded', 'agent_hung_up'],
  ['call_duration_exceeded', 'limit_reached'],
  ['voicemail_detected', 'voicemail'],
  ['system_cancelled', 'hung_up_elsewhere'],
  ['system_connect_error', 'agent_unreachable'],
  ['unexpected_error', 'broken_off'],
  ['pipeline_error', 'broken_off'],
  ['unknown', 'unexplained'],
  ['busy', 'busy'],
  ['no-answer', 'no_answer'],
  ['canceled', 'canceled'],
  ['failed', 'failed'],
  ['error', 'failed'],
  ['expired', 'failed'],
]);

/** Calls can be filtered by their disposition, so it is a word, not a text. So are Dograh's words in a log. */
const longestWord = 100;
/** Of a disposition that is no word. */
const longestUnshown = 1000;

const neverConnected: ReadonlySet<string> = new Set(neverConnectedStatuses);

/** The outcomes of calls without a conversation, by the reason that a bundled server gives. The last one of a reason counts. */
const unconnected = new Map<string | null, Outcome>(
  (Object.keys(outcomes) as Outcome[])
    .filter((outcome) => neverConnected.has(outcomes[outcome].status))
    .map((outcome) => [outcomes[outcome].reason, outcome]),
);

const underWay = new Map<string, 'initiated' | 'ringing' | 'answered'>([
  ['initiated', 'initiated'],
  ['ringing', 'ringing'],
  ['answered', 'answered'],
  ['in-progress', 'answered'],
]);

/** @param conversation for a run that has ended. */
export function reportOf(run: DograhRun, conversation: Conversation | null): StatusReport {
  if (!hasEnded(run, run.is_completed)) return openReport(run, wordsUnderWay(run));
  return endReport(run, durationIn(run.usage_info) ?? durationIn(run.cost_info), conversation);
}

/** A row of the list does not say how far a call is that goes on, only whether its media have begun. */
export function reportOfListed(row: ListedRun): StatusReport {
  const seconds = row.call_duration_seconds ?? 0;
  const saysEnd = endWord(row) !== null || textOf(row.disposition) !== null || seconds > 0;
  if (!hasEnded(row, saysEnd)) return openReport(row, row.status == null ? [] : [row.status]);
  return endReport(row, seconds, null);
}

/** Whether all results of an ended run are there. @param needsRecording whether its recording is one of them. */
export function isComplete(run: EitherRun, needsRecording: boolean): boolean {
  if (run.artifacts_ready != null) return run.artifacts_ready;
  if (!isTalk(outcomeOf(run))) return true;
  const hasRecording = !needsRecording || textOf(run.recording_url) !== null;
  const hasTranscript = textOf(run.transcript_url) !== null || isSilent(run);
  return endWord(run) !== null && hasTranscript && hasRecording;
}

/** Whether a file that an ended run does not have will never come. Dograh itself does not say so, for minutes. */
export function isFinal(run: EitherRun): boolean {
  return run.artifacts_ready === true || !isTalk(outcomeOf(run));
}

const feedback = z.looseObject({
  realtime_feedback_events: z.array(z.looseObject({ type: z.string() })).min(1),
});
const speech: ReadonlySet<string> = new Set(['rtf-user-transcription', 'rtf-bot-text']);

/** Whether nobody spoke: then there is no transcript. Dograh writes the log of an ended run before its files. */
function isSilent({ logs }: EitherRun): boolean {
  const { data } = feedback.safeParse(logs);
  return data?.realtime_feedback_events.every(({ type }) => !speech.has(type)) ?? false;
}

/** Dograh itself reports no status, and the bundled server does. */
function hasEnded({ status }: EitherRun, saysEnd: boolean): boolean {
  const known = runStatuses.find((word) => word === status);
  return known === undefined ? saysEnd : isFinalStatus(known);
}

/** @param words of the carrier, in order. The last one that we know counts, and the very last one is kept; '' for none. */
function openReport({ id, initial_context: context }: EitherRun, words: readonly string[]): StatusReport {
  const callId = String(id);
  const rawStatus = cutText(words.at(-1) ?? '', longestWord);
  const known = words
    .map((word) => underWay.get(word.toLowerCase()))
    .findLast((status) => status !== undefined);
  if (known !== undefined) return { status: known, rawStatus, callId };
  // Dograh writes the models of a conversation when the media of the call begin.
  const isTalking = context?.runtime_configuration !== undefined;
  if (isTalking) return { status: 'answered', rawStatus: 'runtime_configuration', callId };
  return { status: 'unknown', rawStatus, callId };
}

const callback = z.looseObject({ status: z.string() });

/** The bundled server's status, or the reports of Dograh's carrier. */
function wordsUnderWay({ status, logs }: DograhRun): string[] {
  if (status != null) return [status];
  const reports = logs?.telephony_status_callbacks ?? [];
  return reports.flatMap((report) => callback.safeParse(report).data?.status ?? []);
}

function endReport(run: EitherRun, seconds: number | null, conversation: Conversation | null): StatusReport {
  const word = endWord(run);
  const outcome = outcomeOf(run);
  const answeredBy = answererIn(run.gathered_context ?? {});
  return {
    ...ended(outcome),
    rawStatus: cutText(word ?? 'completed', longestWord),
    callId: String(run.id),
    ...(seconds === null ? {} : { durationSeconds: seconds }),
    ...(isTalk(outcome) && word !== null ? { wasAnswered: true } : {}),
    ...(answeredBy === null ? {} : { answeredBy }),
    ...(conversation === null ? {} : { conversation }),
    ...(isDialWithoutReply(run) ? { error: dialWithoutReply } : {}),
  };
}

const dialWithoutReply =
  'Dograh’s carrier did not answer the dial, so Dograh closed its run. The phone may have rung: nobody knows.';

/** Such a run has the same words as one whose dial the carrier refused, but for its error. */
function isDialWithoutReply({ gathered_context: gathered }: EitherRun): boolean {
  const error = textOf(gathered?.error);
  return error !== null && textOf(gathered?.call_id) === null && mayRing({ detail: error });
}

/** Whether a conversation took place, or may have. */
export function isTalk(outcome: Outcome): boolean {
  return outcomes[outcome].status === 'completed';
}

function outcomeOf(run: EitherRun): Outcome {
  if (isDialWithoutReply(run)) return 'unknown_there';
  const word = endWord(run);
  if (word === null) return 'unexplained';
  const told = word === run.status ? unconnected.get(run.reason ?? null) : undefined;
  if (told !== undefined) return told;
  // What the agent extracted from a conversation is no end of a call, even if the value is `busy`.
  return (hasOwnWord(run) ? undefined : endings.get(word)) ?? 'talk_ended';
}

/**
 * `call_status` says how the call ended, and `call_disposition` what it achieved
 * (https://github.com/dograh-hq/dograh/pull/685); earlier versions use the latter for both.
 */
function endWord({ status, gathered_context: gathered }: EitherRun): string | null {
  if (status != null && neverConnected.has(status)) return status;
  return textOf(gathered?.call_status) ?? textOf(gathered?.call_disposition);
}

function hasOwnWord({ gathered_context: gathered }: EitherRun): boolean {
  const extracted = gathered?.extracted_variables;
  if (typeof extracted !== 'object' || extracted === null || Array.isArray(extracted)) return false;
  return extracted.call_status !== undefined || extracted.call_disposition !== undefined;
}

/** The disposition that is shown: an organization may map Dograh's to its own. Null where neither is a word. */
export function dispositionOf(run: EitherRun): string | null {
  return dispositionsIn(run).find(isWord) ?? null;
}

function dispositionsIn({ gathered_context: gathered }: EitherRun): string[] {
  const found = [textOf(gathered?.mapped_call_disposition), textOf(gathered?.call_disposition)];
  return found.filter((text) => text !== null);
}

/** Agents write dispositions too, of any length. One that was cut in the middle of an emoji cannot be stored. */
function isWord(text: string): boolean {
  return text.length <= longestWord && isStorableText(text);
}

/** Names in Dograh's `gathered_context` that this server writes itself, about its own call. */
const ours = new Set([
  ...['provider', 'triggered_by', 'trigger_uuid', 'call_id', 'reason', 'dial_outcome'],
  ...['call_disposition', 'mapped_call_disposition', 'answered_by', 'answered_by_raw'],
  ...['dograh_run', 'omitted_results'],
]);

/** What the conversation yielded. What Dograh says of its own call is in `dograh_run`, also a disposition that is not the run's. */
export function gatheredOf(run: DograhRun): JsonObject {
  const gathered = run.gathered_context ?? {};
  const { provider = null, call_id = null } = gathered;
  const { caller_number = null } = run.initial_context ?? {};
  const { id, name = null, workflow_id = null } = run;
  const shown = dispositionOf(run);
  const unshown = dispositionsIn(run).find((text) => text !== shown);
  return {
    dograh_run: {
      ...{ id, name, workflow_id, provider, call_id, caller_number },
      ...(unshown === undefined ? {} : { call_disposition: cutText(unshown, longestUnshown) }),
    },
    ...Object.fromEntries(Object.entries(gathered).filter(([key]) => !ours.has(key))),
  };
}

/** In the words of Dograh's carrier, such as `machine_end_beep`. */
function answererIn({ answered_by: raw }: JsonObject): StatusReport['answeredBy'] | null {
  if (typeof raw !== 'string') return null;
  if (raw === 'human' || raw === 'fax') return { who: raw, raw };
  return { who: raw.startsWith('machine') ? 'machine' : 'unknown', raw: cutText(raw, longestWord) };
}

function durationIn(info: JsonObject | null | undefined): number | null {
  const seconds = info?.call_duration_seconds;
  return typeof seconds === 'number' && seconds >= 0 ? seconds : null;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
