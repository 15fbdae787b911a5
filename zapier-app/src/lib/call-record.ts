/** A call as the flat record that later steps map and filter on: the same keys from every step, on every server. */
import {
  callMarker,
  isSandboxCall,
  summarizeListedRun,
  summarizeRun,
  type CallFacts,
  type Run,
  type RunSummary,
  type UsageRun,
} from '@dograh-trigger/shared';
import type { ZObject } from 'zapier-platform-core';
import { downloadRecording, downloadTranscript } from '../hydrators';
import { readInstant } from './instant';

const directions = ['outbound', 'inbound'] as const;

export type CallRecord = ReturnType<typeof callRecord>;

export function callRecord(z: ZObject, run: Run) {
  return recordOf(z, run, summarizeRun(run));
}

/** @param row a row of the list of calls, of a call that has ended: on Dograh the row of some calls never says so. */
export function endedCallRecord(z: ZObject, row: UsageRun): CallRecord {
  const summary = summarizeListedRun(row);
  if (summary.hasEnded) return recordOf(z, row, summary);
  const durationSeconds = row.call_duration_seconds;
  return recordOf(z, row, { ...summary, status: 'completed', hasEnded: true, durationSeconds });
}

function recordOf(z: ZObject, run: Run | UsageRun, summary: RunSummary) {
  // The mark is the client's own, and no variable of the call.
  const { [callMarker]: _mark, ...variables } = run.initial_context ?? {};
  return {
    id: run.id,
    name: run.name,
    agent_id: run.workflow_id,
    status: summary.status,
    is_completed: summary.hasEnded,
    reason: summary.reason,
    disposition: summary.disposition,
    duration_seconds: summary.durationSeconds,
    phone_number: summary.phoneNumber,
    direction: directionOf(run),
    created_at: readInstant(run.created_at).toISOString(),
    ...carrierFacts(summary),
    unresolved_variables: summary.unresolvedVariables,
    ignored_fields: summary.ignoredFields,
    transcript_url: summary.transcriptUrl,
    recording_url: summary.recordingUrl,
    // Fetched only when a later step uses them. A storage key says that there is something to fetch.
    transcript: run.transcript_url ? z.dehydrateFile(downloadTranscript, { run_id: run.id }) : null,
    recording: run.recording_url ? z.dehydrateFile(downloadRecording, { run_id: run.id }) : null,
    initial_context: variables,
    gathered_context: run.gathered_context ?? {},
  };
}

/** Who placed the call, and which account was not ready to: known when it was placed, and of every call. */
export function carrierFacts(facts: CallFacts) {
  return {
    mode: facts.mode,
    is_sandbox: isSandboxCall(facts),
    fallback_from_name: facts.fallbackFrom?.name ?? null,
    fallback_reason: facts.fallbackFrom?.reason ?? null,
  };
}

/** `null` where the server does not say. What a caller may have put into the context is asked last. */
function directionOf({
  call_type: callType,
  initial_context: context,
}: Run | UsageRun): 'outbound' | 'inbound' | null {
  return (
    directions.find((word) => word === callType) ??
    directions.find((word) => word === context?.direction) ??
    null
  );
}

export const carrierOutputFields = [
  { key: 'mode', label: 'Carrier', type: 'string' },
  { key: 'is_sandbox', label: 'Was Only Simulated (No Phone Rang)', type: 'boolean' },
  { key: 'fallback_from_name', label: 'Carrier Account That Was Not Ready', type: 'string' },
  { key: 'fallback_reason', label: 'Why It Was Not Ready', type: 'string' },
] as const;

export const callOutputFields = [
  { key: 'id', label: 'Run ID', type: 'integer', primary: true },
  { key: 'name', label: 'Run Name', type: 'string' },
  { key: 'agent_id', label: 'Agent Number', type: 'integer' },
  { key: 'status', label: 'Status', type: 'string' },
  { key: 'is_completed', label: 'Is Completed', type: 'boolean' },
  { key: 'disposition', label: 'Disposition', type: 'string' },
  { key: 'duration_seconds', label: 'Duration in Seconds', type: 'number' },
  { key: 'phone_number', label: 'Phone Number', type: 'string' },
  { key: 'direction', label: 'Direction', type: 'string' },
  { key: 'created_at', label: 'Created At', type: 'datetime' },
  ...carrierOutputFields,
  { key: 'unresolved_variables', label: 'Unresolved Variables', type: 'string', list: true },
  { key: 'ignored_fields', label: 'Ignored Fields', type: 'string', list: true },
  { key: 'transcript_url', label: 'Transcript URL', type: 'string' },
  { key: 'recording_url', label: 'Recording URL', type: 'string' },
  { key: 'transcript', label: 'Transcript File', type: 'file' },
  { key: 'recording', label: 'Recording File', type: 'file' },
] as const;
