/** A run as the flat record that later steps map and filter on: every key is there on every server. */
import { summarizeRun, type JsonObject, type Run } from '@dograh-trigger/shared';

export function flattenRun(run: Run) {
  const summary = summarizeRun(run);
  return {
    id: run.id,
    name: run.name,
    agent_id: run.workflow_id,
    status: summary.status,
    is_completed: run.is_completed,
    disposition: summary.disposition,
    duration_seconds: summary.durationSeconds,
    phone_number: summary.phoneNumber,
    created_at: run.created_at,
    transcript_url: summary.transcriptUrl,
    recording_url: summary.recordingUrl,
    initial_context: run.initial_context ?? {},
    gathered_context: run.gathered_context ?? {},
  } satisfies JsonObject;
}
