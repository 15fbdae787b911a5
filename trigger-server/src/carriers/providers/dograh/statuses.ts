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

/** What a run and its row in the list have in common. The bundled server adds the last two. */
const eitherRun = z.looseObject({
  id: z.int(),
  initial_context: jsonObject.nullish(),
  gathered_context: jsonObject.nullish(),
  transcript_url: z.string().nullish(),
  recording_url: z.string().nullish(),
  status: z.string().optional(),
  artifacts_ready: z.boolean().optional(),
});

export const dograhRun = eitherRun.extend({
  workflow_id: z.int().nullish(),
  name: z.string().nullish(),
  is_completed: z.boolean(),
  transcript_public_url: z.string().nullish(),
  recording_public_url: z.string().nullish(),
  usage_info: jsonObject.nullish(),
  cost_info: jsonObject.nullish(),
  logs: z
    .looseObject({ telephony_status_callbacks: z.array(z.looseObject({ status: z.string() })).nullish() })
    .nullish(),
});
export type DograhRun = z.infer<typeof dograhRun>;

export const listedRun = eitherRun.extend({
  call_duration_seconds: z.number().nullish(),
  disposition: z.string().nullish(),
  omitted_fields: z.array(z.string()).nullish(),
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

const neverConnected: ReadonlySet<string> = new Set(neverConnectedStatuses);

const underWay = new Map<string, 'initiated' | 'ringing' | 'answered'>([
  ['initiated', 'initiated'],
  ['ringing', 'ringing'],
  ['answered', 'answered'],
  ['in-progress', 'answered'],
]);

/** @param conversation for a run that has ended. */
export function reportOf(run: DograhRun, conversation: Conversation | null): StatusReport {
  if (!hasEnded(run, run.is_completed)) return openReport(run, wordUnderWay(run));
  return endReport(run, durationIn(run.usage_info) ?? durationIn(run.cost_info), conversation);
}

/** A row of the list does not say how far a call is that goes on, only whether its media have begun. */
export function reportOfListed(row: ListedRun): StatusReport {
  const seconds = row.call_duration_seconds ?? 0;
  const saysEnd = endWord(row) !== null || textOf(row.disposition) !== null || seconds > 0;
  if (!hasEnded(row, saysEnd)) return openReport(row, row.status ?? null);
  return endReport(row, seconds, null);
}

/** Whether all results of an ended run are there. @param needsRecording whether its recording is one of them. */
export function isComplete(run: EitherRun, needsRecording: boolean): boolean {
  if (run.artifacts_ready !== undefined) return run.artifacts_ready;
  if (!isTalk(outcomeOf(run))) return true;
  const hasRecording = !needsRecording || textOf(run.recording_url) !== null;
  return endWord(run) !== null && textOf(run.transcript_url) !== null && hasRecording;
}

/** Dograh itself reports no status, and the bundled server does. */
function hasEnded({ status }: EitherRun, saysEnd: boolean): boolean {
  const known = runStatuses.find((word) => word === status);
  return known === undefined ? saysEnd : isFinalStatus(known);
}

function openReport({ id, initial_context: context }: EitherRun, word: string | null): StatusReport {
  const callId = String(id);
  const known = word === null ? undefined : underWay.get(word);
  if (known !== undefined) return { status: known, rawStatus: word ?? known, callId };
  // Dograh writes the models of a conversation when the media of the call begin.
  const isTalking = context?.runtime_configuration !== undefined;
  if (isTalking) return { status: 'answered', rawStatus: 'runtime_configuration', callId };
  return { status: 'unknown', rawStatus: word ?? 'in progress', callId };
}

/** The bundled server's status, or the last report of Dograh's carrier. */
function wordUnderWay({ status, logs }: DograhRun): string | null {
  const reported = logs?.telephony_status_callbacks ?? [];
  return status ?? reported.findLast((report) => underWay.has(report.status))?.status ?? null;
}

function endReport(run: EitherRun, seconds: number | null, conversation: Conversation | null): StatusReport {
  const word = endWord(run);
  const outcome = outcomeOf(run);
  const answeredBy = answererIn(run.gathered_context ?? {});
  return {
    ...ended(outcome),
    rawStatus: word ?? 'completed',
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

function isTalk(outcome: Outcome): boolean {
  return outcomes[outcome].status === 'completed';
}

function outcomeOf(run: EitherRun): Outcome {
  if (isDialWithoutReply(run)) return 'record_gone';
  const word = endWord(run);
  if (word === null) return 'unexplained';
  // What the agent extracted from a conversation is no end of a call, even if the value is `busy`.
  return (hasOwnWord(run) ? undefined : endings.get(word)) ?? 'talk_ended';
}

/**
 * `call_status` says how the call ended, and `call_disposition` what it achieved
 * (https://github.com/dograh-hq/dograh/pull/685); earlier versions use the latter for both.
 */
function endWord({ status, gathered_context: gathered }: EitherRun): string | null {
  if (status !== undefined && neverConnected.has(status)) return status;
  return textOf(gathered?.call_status) ?? textOf(gathered?.call_disposition);
}

function hasOwnWord({ gathered_context: gathered }: EitherRun): boolean {
  const extracted = gathered?.extracted_variables;
  if (typeof extracted !== 'object' || extracted === null || Array.isArray(extracted)) return false;
  return extracted.call_status !== undefined || extracted.call_disposition !== undefined;
}

/** Calls can be filtered by their disposition, so it is a word, not a text. */
const longestDisposition = 100;

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
  return text.length <= longestDisposition && isStorableText(text);
}

/** Names in Dograh's `gathered_context` that this server writes itself, about its own call. */
const ours = new Set([
  ...['provider', 'triggered_by', 'trigger_uuid', 'call_id', 'reason', 'dial_outcome'],
  ...['call_disposition', 'mapped_call_disposition', 'answered_by', 'answered_by_raw'],
]);

/** What the conversation yielded. What Dograh says of its own call is in `dograh_run`, also a disposition that is no word. */
export function gatheredOf(run: DograhRun): JsonObject {
  const gathered = run.gathered_context ?? {};
  const { provider = null, call_id = null } = gathered;
  const { caller_number = null } = run.initial_context ?? {};
  const { id, name = null, workflow_id = null } = run;
  const unshown = dispositionsIn(run).find((text) => !isWord(text));
  return {
    ...Object.fromEntries(Object.entries(gathered).filter(([key]) => !ours.has(key))),
    dograh_run: {
      ...{ id, name, workflow_id, provider, call_id, caller_number },
      ...(unshown === undefined ? {} : { call_disposition: unshown }),
    },
  };
}

/** In the words of Dograh's carrier, such as `machine_end_beep`. */
function answererIn({ answered_by: raw }: JsonObject): StatusReport['answeredBy'] | null {
  if (typeof raw !== 'string') return null;
  if (raw === 'human' || raw === 'fax') return { who: raw, raw };
  return { who: raw.startsWith('machine') ? 'machine' : 'unknown', raw };
}

function durationIn(info: JsonObject | null | undefined): number | null {
  const seconds = info?.call_duration_seconds;
  return typeof seconds === 'number' && seconds >= 0 ? seconds : null;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
