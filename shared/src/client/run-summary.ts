/** What a host shows of a run: the same facts on every server, wherever the server keeps them. */
import { artifactPublicUrl } from './artifacts';
import type { CallRouting } from './call-routing';
import {
  isFinalStatus,
  neverConnectedStatuses,
  type JsonObject,
  type Run,
  type RunStatus,
  type UsageRun,
} from '../contracts';

export interface RunSummary extends CallRouting {
  /** On plain Dograh, which reports no status, a run that has not ended is `in-progress`. */
  status: RunStatus | 'in-progress';
  hasEnded: boolean;
  /** Why the call ended as it did, where the server says more than status and disposition do. */
  reason: string | null;
  /**
   * How the conversation ended, or the status of a call that never connected: in the words of the organization where
   * it has mapped Dograh's to words of its own.
   */
  disposition: string | null;
  durationSeconds: number | null;
  /** The number that was called. */
  phoneNumber: string | null;
  /** Variables for which nothing was said; `null` where the server does not say. */
  unresolvedVariables: string[] | null;
  /** Fields of the request that did nothing; `null` where the server does not say. */
  ignoredFields: string[] | null;
  /** Download addresses that need no API key; `null` as long as there is nothing to download. */
  recordingUrl: string | null;
  transcriptUrl: string | null;
}

/** @param run a run as the API gives it. What it does not say is `null`. */
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
 * @param call a row of the list of calls. On plain Dograh it says less than the run itself: a call that has ended
 *   without a disposition and without a duration looks like one in progress.
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

/** Whether a call went to the demo provider, which rings no phone; `null` where the server does not name a provider. */
export function isSandboxCall({ mode }: Pick<CallRouting, 'mode'>): boolean | null {
  return mode === null ? null : mode === 'sandbox';
}

/** What a run and a row of the list have in common. */
type Call = Run | UsageRun;

/** @param hasEndedOnDograh What says so on plain Dograh, which reports no status and nothing of what happens before the end. */
function statusOf(call: Call, hasEndedOnDograh: boolean): Pick<RunSummary, 'status' | 'hasEnded'> {
  if (call.status !== undefined) return { status: call.status, hasEnded: isFinalStatus(call.status) };
  return { status: hasEndedOnDograh ? endStatus(call) : 'in-progress', hasEnded: hasEndedOnDograh };
}

function endStatus(call: Call): RunStatus {
  const { call_status: status, call_disposition: disposition } = extractedVariables(call);
  // A word that the agent found in the conversation, such as `busy`, says that there was one.
  if (status !== undefined || disposition !== undefined) return 'completed';
  const word = endCode(call);
  return neverConnectedStatuses.find((neverConnected) => neverConnected === word) ?? 'completed';
}

/**
 * Dograh's own word for the end of a call. `call_status` says how it ended and `call_disposition` what it achieved
 * (Dograh's pull request #685; before, the latter said either). The others may be mapped to any words.
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

/** The list has the mapped word in `disposition`, the run in `mapped_call_disposition`. */
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
    unresolvedVariables: call.unresolved_variables ?? null,
    ignoredFields: call.ignored_fields ?? null,
    recordingUrl: artifactPublicUrl(call, 'recording'),
    transcriptUrl: artifactPublicUrl(call, 'transcript'),
  };
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
