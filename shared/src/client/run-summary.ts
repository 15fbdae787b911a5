/** The summary of a run that hosts show. It has the same fields on every server. */
import { artifactPublicUrl } from './artifacts';
import type { CallRouting } from './call-routing';
import {
  answeredByWords,
  isFinalStatus,
  neverConnectedStatuses,
  type AnsweredBy,
  type JsonObject,
  type Run,
  type RunStatus,
  type UsageRun,
  type WaitingReason,
} from '../contracts';
import { reasonTexts } from '../run-texts';

export interface RunSummary extends CallRouting {
  /** On plain Dograh, which reports no status, `in-progress` until the run has ended. */
  status: RunStatus | 'in-progress';
  hasEnded: boolean;
  /** Why the call ended, if the server says more than status and disposition. */
  reason: string | null;
  /** The same as a sentence, followed by the server's or the carrier's own words. */
  explanation: string | null;
  /** What a queued call waits for, and when it is due; `null` for any other call. */
  waitingFor: WaitingReason | null;
  dueAt: string | null;
  /** The caller's own name of the call. */
  reference: string | null;
  /**
   * How the conversation ended, or the status of a call that never connected. An organization may map Dograh's
   * dispositions to its own; then it is the mapped one.
   */
  disposition: string | null;
  durationSeconds: number | null;
  /** Who or what answered; `null` when the server or its carrier did not find out. */
  answeredBy: AnsweredBy | null;
  /** Whether the message was left on the machine that answered; `null` for a call to which that does not apply. */
  voicemailLeft: boolean | null;
  /** The number that was called. */
  phoneNumber: string | null;
  /** Variables without a value or a fallback; `null` when the server does not report them. */
  unresolvedVariables: string[] | null;
  /** Unknown fields of the request, which had no effect; `null` when the server does not report them. */
  ignoredFields: string[] | null;
  /** Download addresses, which need no API key; `null` until the file exists. */
  recordingUrl: string | null;
  transcriptUrl: string | null;
}

/** @param run a run as the API returns it. Missing values become `null`. */
export function summarizeRun(run: Run): RunSummary {
  const context = run.initial_context ?? {};
  return {
    ...statusOf(run, run.is_completed),
    ...noteFields(run),
    disposition: dispositionOf(run),
    durationSeconds: run.usage_info?.call_duration_seconds ?? run.cost_info?.call_duration_seconds ?? null,
    phoneNumber: textOrNull(context.called_number) ?? textOrNull(context.phone_number),
  };
}

/**
 * @param call a row of the list of calls. On plain Dograh a row has less than the run itself: an ended call without
 *   a disposition and a duration looks like one in progress.
 */
export function summarizeListedRun(call: UsageRun): RunSummary {
  const durationSeconds = call.call_duration_seconds;
  const status = statusOf(call, endCode(call) !== null || durationSeconds > 0);
  return {
    ...status,
    ...noteFields(call),
    disposition: dispositionOf(call),
    durationSeconds: status.hasEnded ? durationSeconds : null,
    phoneNumber: textOrNull(call.called_number) ?? textOrNull(call.phone_number),
  };
}

/**
 * Whether the call used the sandbox provider, which rings no phone; `null` when the server does not name the
 * provider.
 */
export function isSandboxCall({ mode }: Pick<CallRouting, 'mode'>): boolean | null {
  return mode === null ? null : mode === 'sandbox';
}

/** A run, or a row of the list of calls. */
type Call = Run | UsageRun;

/** @param hasEndedOnDograh whether the call has ended, for plain Dograh, which reports no status. */
function statusOf(call: Call, hasEndedOnDograh: boolean): Pick<RunSummary, 'status' | 'hasEnded'> {
  if (call.status !== undefined) return { status: call.status, hasEnded: isFinalStatus(call.status) };
  return { status: hasEndedOnDograh ? endStatus(call) : 'in-progress', hasEnded: hasEndedOnDograh };
}

function endStatus(call: Call): RunStatus {
  const { call_status: status, call_disposition: disposition } = extractedVariables(call);
  // The agent extracted it from a conversation, so the call was answered, even if the value is `busy`.
  if (status !== undefined || disposition !== undefined) return 'completed';
  const word = endCode(call);
  return neverConnectedStatuses.find((neverConnected) => neverConnected === word) ?? 'completed';
}

/**
 * Dograh's own code for the end of a call. `call_status` says how it ended and `call_disposition` what it achieved
 * (https://github.com/dograh-hq/dograh/pull/685; earlier versions use the latter for both). The other fields may be
 * mapped to any text.
 */
function endCode(call: Call): string | null {
  const gathered = call.gathered_context ?? {};
  return (
    textOrNull(gathered.call_status) ??
    textOrNull(call.call_status) ??
    textOrNull(gathered.call_disposition) ??
    textOrNull(call.call_disposition) ??
    textOrNull(call.disposition)
  );
}

/** The mapped disposition is in `disposition` in the list, and in `mapped_call_disposition` in the run. */
function dispositionOf(call: Call): string | null {
  const gathered = call.gathered_context ?? {};
  return (
    textOrNull(call.disposition) ??
    textOrNull(gathered.mapped_call_disposition) ??
    textOrNull(gathered.call_disposition)
  );
}

function extractedVariables(call: Call): JsonObject {
  const extracted = call.gathered_context?.extracted_variables;
  return typeof extracted === 'object' && extracted !== null && !Array.isArray(extracted) ? extracted : {};
}

function noteFields(call: Call) {
  return {
    mode: textOrNull(call.mode),
    fallbackFrom: call.fallback_from ?? null,
    reason: call.reason ?? null,
    explanation: explanationOf(call),
    waitingFor: call.waiting_for ?? null,
    dueAt: call.due_at ?? null,
    reference: call.reference ?? null,
    answeredBy: answererOf(call),
    voicemailLeft: call.voicemail_left ?? null,
    unresolvedVariables: call.unresolved_variables ?? null,
    ignoredFields: call.ignored_fields ?? null,
    recordingUrl: artifactPublicUrl(call, 'recording'),
    transcriptUrl: artifactPublicUrl(call, 'transcript'),
  };
}

function explanationOf({ reason, dial_detail: detail }: Call): string | null {
  if (reason == null) return detail ?? null;
  return [reasonTexts[reason], detail].filter((text) => text != null).join(' ');
}

function answererOf({ gathered_context: gathered }: Call): AnsweredBy | null {
  return answeredByWords.find((word) => word === gathered?.answered_by) ?? null;
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
