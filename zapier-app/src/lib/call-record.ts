/** A call as the flat record that later steps map and filter on: the same keys from every step, on every server. */
import { callMarker, summarizeRun, type Run, type UsageRun } from '@dograh-trigger/shared';
import type { ZObject } from 'zapier-platform-core';
import { downloadRecording, downloadTranscript } from '../hydrators';
import { readInstant } from './instant';

const directions = ['outbound', 'inbound'] as const;

export type CallRecord = ReturnType<typeof callRecord>;

export function callRecord(z: ZObject, run: Run) {
  const summary = summarizeRun(run);
  // The mark is the client's own, and no variable of the call.
  const { [callMarker]: _mark, ...variables } = run.initial_context ?? {};
  return {
    id: run.id,
    name: run.name,
    agent_id: run.workflow_id,
    status: summary.status,
    is_completed: run.is_completed,
    disposition: summary.disposition,
    duration_seconds: summary.durationSeconds,
    phone_number: summary.phoneNumber,
    direction: directionOf(run),
    created_at: readInstant(run.created_at).toISOString(),
    transcript_url: summary.transcriptUrl,
    recording_url: summary.recordingUrl,
    // Fetched only when a later step uses them. A storage key says that there is something to fetch.
    transcript: run.transcript_url ? z.dehydrateFile(downloadTranscript, { run_id: run.id }) : null,
    recording: run.recording_url ? z.dehydrateFile(downloadRecording, { run_id: run.id }) : null,
    initial_context: variables,
    gathered_context: run.gathered_context ?? {},
  };
}

/** `null` where the server does not say. What a caller may have put into the context is asked last. */
function directionOf({ call_type: callType, initial_context: context }: Run): 'outbound' | 'inbound' | null {
  return (
    directions.find((word) => word === callType) ??
    directions.find((word) => word === context?.direction) ??
    null
  );
}

/** A row of the usage list as the run that it stands for. The row of a call that has ended does not say so. */
export function endedRun(row: UsageRun): Run {
  return {
    ...row,
    mode: row.mode ?? '',
    call_type: row.call_type ?? '',
    is_completed: true,
    usage_info: { llm: {}, tts: {}, stt: {}, call_duration_seconds: row.call_duration_seconds },
  };
}

export const callOutputFields = [
  { key: 'id', label: 'ID', type: 'integer', primary: true },
  { key: 'name', label: 'Run Name', type: 'string' },
  { key: 'agent_id', label: 'Agent ID', type: 'integer' },
  { key: 'status', label: 'Status', type: 'string' },
  { key: 'is_completed', label: 'Is Completed', type: 'boolean' },
  { key: 'disposition', label: 'Disposition', type: 'string' },
  { key: 'duration_seconds', label: 'Duration in Seconds', type: 'number' },
  { key: 'phone_number', label: 'Phone Number', type: 'string' },
  { key: 'direction', label: 'Direction', type: 'string' },
  { key: 'created_at', label: 'Created At', type: 'datetime' },
  { key: 'transcript_url', label: 'Transcript URL', type: 'string' },
  { key: 'recording_url', label: 'Recording URL', type: 'string' },
  { key: 'transcript', label: 'Transcript File', type: 'file' },
  { key: 'recording', label: 'Recording File', type: 'file' },
] as const;
