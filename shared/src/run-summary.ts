/** What a host shows of a run: the same facts on every server, wherever the server keeps them. */
import { artifactPublicUrl } from './artifacts';
import { neverConnectedStatuses, type JsonValue, type Run, type RunStatus, type UsageRun } from './contracts';

export interface RunSummary {
  /** On plain Dograh, which reports no status, a run that has not ended is `in-progress`. */
  status: RunStatus | 'in-progress';
  /** How the conversation ended, or the status of a call that never connected. */
  disposition: string | null;
  durationSeconds: number | null;
  /** The number that was called. */
  phoneNumber: string | null;
  /** Download addresses that need no API key; `null` as long as there is nothing to download. */
  recordingUrl: string | null;
  transcriptUrl: string | null;
}

/** @param run a run as the API gives it. What it does not say is `null`. */
export function summarizeRun(run: Run): RunSummary {
  const context = run.initial_context ?? {};
  const disposition = textOrNull(run.gathered_context?.call_disposition);
  return {
    status: run.status ?? plainStatus(run, disposition),
    disposition,
    durationSeconds: run.usage_info?.call_duration_seconds ?? run.cost_info?.call_duration_seconds ?? null,
    phoneNumber: textOrNull(context.called_number) ?? textOrNull(context.phone_number),
    recordingUrl: artifactPublicUrl(run, 'recording'),
    transcriptUrl: artifactPublicUrl(run, 'transcript'),
  };
}

/**
 * @param call a row of the list of calls, which says less than the run itself: a call that has ended without a
 *   disposition and without a duration looks like one in progress.
 */
export function summarizeListedRun(call: UsageRun): RunSummary {
  const disposition = textOrNull(call.disposition);
  const durationSeconds = call.call_duration_seconds;
  const hasEnded = disposition !== null || durationSeconds > 0;
  return {
    status: hasEnded ? endStatus(disposition) : 'in-progress',
    disposition,
    durationSeconds: hasEnded ? durationSeconds : null,
    phoneNumber: textOrNull(call.called_number) ?? textOrNull(call.phone_number),
    recordingUrl: artifactPublicUrl(call, 'recording'),
    transcriptUrl: artifactPublicUrl(call, 'transcript'),
  };
}

/** Plain Dograh says whether a run is over, and how it ended, but nothing of what happens before. */
function plainStatus(run: Run, disposition: string | null): RunSummary['status'] {
  return run.is_completed ? endStatus(disposition) : 'in-progress';
}

function endStatus(disposition: string | null): RunStatus {
  return neverConnectedStatuses.find((status) => status === disposition) ?? 'completed';
}

function textOrNull(value: JsonValue | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
