/** A run in ten fields, the same on every server. "Simplify" off gives the whole run instead. */
import { summarizeRun, type Run } from '@dograh-trigger/shared';
import type { IDataObject } from 'n8n-workflow';

export function simplifyRun(run: Run): IDataObject {
  const summary = summarizeRun(run);
  return {
    run_id: run.id,
    run_name: run.name,
    agent_id: run.workflow_id,
    status: summary.status,
    disposition: summary.disposition,
    duration_seconds: summary.durationSeconds,
    phone_number: summary.phoneNumber,
    variables: run.gathered_context?.extracted_variables ?? {},
    recording_url: summary.recordingUrl,
    transcript_url: summary.transcriptUrl,
  };
}
