/** A run as the flat record that later steps map and filter on: every key is there on every server. */
import type { JsonObject, JsonValue, Run } from '@dograh-trigger/shared';

/** Dispositions of calls that never connected; Dograh reports the telephony status in their place. */
const unconnected = new Set(['busy', 'no-answer', 'canceled', 'failed', 'error']);

export function flattenRun(run: Run) {
  const initialContext = run.initial_context ?? {};
  const gatheredContext = run.gathered_context ?? {};
  const disposition = textOrNull(gatheredContext.call_disposition);
  return {
    id: run.id,
    name: run.name,
    agent_id: run.workflow_id,
    status: run.status ?? plainStatus(run, disposition),
    is_completed: run.is_completed,
    disposition,
    duration_seconds: run.usage_info?.call_duration_seconds ?? run.cost_info?.call_duration_seconds ?? null,
    phone_number: textOrNull(initialContext.called_number) ?? textOrNull(initialContext.phone_number),
    created_at: run.created_at,
    // Once one artifact exists Dograh gives a download URL for both; the storage key says which one is there.
    transcript_url: run.transcript_url ? (run.transcript_public_url ?? null) : null,
    recording_url: run.recording_url ? (run.recording_public_url ?? null) : null,
    initial_context: initialContext,
    gathered_context: gatheredContext,
  } satisfies JsonObject;
}

/** Plain Dograh says whether a run is over, and how it ended, but nothing of what happens before. */
function plainStatus(run: Run, disposition: string | null): string {
  if (!run.is_completed) return 'in-progress';
  return disposition !== null && unconnected.has(disposition) ? disposition : 'completed';
}

function textOrNull(value: JsonValue | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
