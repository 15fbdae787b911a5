/** A run in ten fields, the same on every server. "Simplify" off gives the whole run instead. */
import type { JsonObject, JsonValue, Run } from '@dograh-trigger/shared';
import type { IDataObject } from 'n8n-workflow';

/** Dispositions of calls that never connected; Dograh reports the telephony status in their place. */
const unconnected = new Set(['busy', 'no-answer', 'canceled', 'failed', 'error']);

export function simplifyRun(run: Run): IDataObject {
  const gathered = run.gathered_context ?? {};
  const disposition = textOrNull(gathered.call_disposition);
  return {
    run_id: run.id,
    run_name: run.name,
    agent_id: run.workflow_id,
    status: run.status ?? plainStatus(run, disposition),
    disposition,
    duration_seconds: run.usage_info?.call_duration_seconds ?? run.cost_info?.call_duration_seconds ?? null,
    phone_number: calledNumber(run.initial_context ?? {}),
    variables: gathered.extracted_variables ?? {},
    // Once one artifact exists Dograh gives a download URL for both; the storage key says which one is there.
    recording_url: run.recording_url ? (run.recording_public_url ?? null) : null,
    transcript_url: run.transcript_url ? (run.transcript_public_url ?? null) : null,
  };
}

/** Plain Dograh says whether a run is over, and how it ended, but nothing of what happens before. */
function plainStatus(run: Run, disposition: string | null): string {
  if (!run.is_completed) return 'in-progress';
  return disposition !== null && unconnected.has(disposition) ? disposition : 'completed';
}

function calledNumber(context: JsonObject): string | null {
  return textOrNull(context.called_number) ?? textOrNull(context.phone_number);
}

function textOrNull(value: JsonValue | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
