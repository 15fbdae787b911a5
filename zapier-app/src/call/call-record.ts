/** The flat record of a call, which later steps map. It has the same keys in every step and on every server. */
import {
  callMarker,
  isSandboxCall,
  isTriggerError,
  summarizeListedRun,
  summarizeRun,
  type CallRouting,
  type Run,
  type RunAttempt,
  type RunSummary,
  type TriggerClient,
  type UsageRun,
} from '@dograh-trigger/shared';
import type { ZObject } from 'zapier-platform-core';
import { downloadRecording, downloadTranscript, transcriptText, utterances } from './hydrators';
import { agentValue, nameAgent } from './agents';
import type { Deadline } from '../platform/deadline';
import { readInstant } from '../platform/instant';
import { readTranscript, utterancesOf } from './transcript';

const directions = ['outbound', 'inbound'] as const;

export type CallRecord = ReturnType<typeof callRecord>;

export function callRecord(z: ZObject, run: Run) {
  return recordOf(z, run, summarizeRun(run));
}

/**
 * The record of one call with the values that need further requests: the agent's name and the transcript. A
 * transcript that cannot be read now is fetched by the later step that uses it.
 */
export async function fullCallRecord(z: ZObject, client: TriggerClient, run: Run, deadline: Deadline) {
  const record = callRecord(z, run);
  const agent = await nameAgent(client, { id: run.workflow_id });
  const named = {
    ...record,
    agent: record.agent ?? (agent ? agentValue(agent.uuid) : null),
    agent_name: agent?.name ?? null,
  };
  if (record.transcript === null) return named;
  try {
    const text = await readTranscript(z, client, run, deadline);
    return { ...named, transcript: text, utterances: utterancesOf(text) };
  } catch (error) {
    if (isTriggerError(error)) return named;
    throw error;
  }
}

/** @param row a row of the list of calls, for a call that has ended. On Dograh some rows never show the end. */
export function endedCallRecord(z: ZObject, row: UsageRun): CallRecord {
  const summary = summarizeListedRun(row);
  if (summary.hasEnded) return recordOf(z, row, summary);
  const durationSeconds = row.call_duration_seconds;
  return recordOf(z, row, { ...summary, status: 'completed', hasEnded: true, durationSeconds });
}

function recordOf(z: ZObject, run: Run | UsageRun, summary: RunSummary) {
  // The mark belongs to the client and is not a variable of the call.
  const { [callMarker]: _mark, ...variables } = run.initial_context ?? {};
  return {
    id: run.id,
    name: run.name,
    agent: agentOf(run),
    agent_id: run.workflow_id,
    agent_name: textOrNull(run.workflow_name),
    status: summary.status,
    is_completed: summary.hasEnded,
    waiting_for: summary.waitingFor,
    due_at: summary.dueAt === null ? null : readInstant(summary.dueAt).toISOString(),
    reason: summary.reason,
    explanation: summary.explanation,
    disposition: summary.disposition,
    answered_by: summary.answeredBy,
    voicemail_left: summary.voicemailLeft,
    duration_seconds: summary.durationSeconds,
    phone_number: summary.phoneNumber,
    caller_number: textOrNull(run.caller_number) ?? textOrNull(run.initial_context?.caller_number),
    direction: directionOf(run),
    created_at: readInstant(run.created_at).toISOString(),
    completed_at: run.completed_at ? readInstant(run.completed_at).toISOString() : null,
    reference: summary.reference,
    attempt: run.attempt ?? null,
    attempts: run.attempts?.map(attemptFields) ?? null,
    ...carrierFields(summary),
    unresolved_variables: summary.unresolvedVariables,
    ignored_fields: summary.ignoredFields,
    transcript_url: summary.transcriptUrl,
    recording_url: summary.recordingUrl,
    // Fetched only when a later step uses them. Only files with a storage key exist.
    transcript: run.transcript_url ? z.dehydrate(transcriptText, { run_id: run.id }) : null,
    utterances: run.transcript_url ? z.dehydrate(utterances, { run_id: run.id }) : null,
    transcript_file: run.transcript_url ? z.dehydrateFile(downloadTranscript, { run_id: run.id }) : null,
    recording_file: run.recording_url ? z.dehydrateFile(downloadRecording, { run_id: run.id }) : null,
    initial_context: variables,
    gathered_context: run.gathered_context ?? {},
  };
}

/** One dial of a call that may be placed several times. The list of calls does not have them. */
function attemptFields({ number, status, reason, started_at: startedAt, ended_at: endedAt }: RunAttempt) {
  return {
    number,
    status,
    reason,
    started_at: readInstant(startedAt).toISOString(),
    ended_at: endedAt === null ? null : readInstant(endedAt).toISOString(),
  };
}

/** The provider of a call, and the account that was not ready. Known for every call as soon as it is placed. */
export function carrierFields(fields: CallRouting) {
  return {
    mode: fields.mode,
    is_sandbox: isSandboxCall(fields),
    fallback_from_name: fields.fallbackFrom?.name ?? null,
    fallback_reason: fields.fallbackFrom?.reason ?? null,
  };
}

/** The value for an Agent field; null for a call without an agent's UUID, such as a manual call on Dograh. */
function agentOf({ initial_context: context }: Run | UsageRun): string | null {
  const uuid = textOrNull(context?.workflow_uuid);
  return uuid === null ? null : agentValue(uuid);
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** `null` when the server does not report it. The context is read last, because a caller may have set it. */
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
  { key: 'agent', label: 'Agent', type: 'string' },
  { key: 'agent_id', label: 'Agent Number', type: 'integer' },
  { key: 'agent_name', label: 'Agent Name', type: 'string' },
  { key: 'status', label: 'Status', type: 'string' },
  { key: 'is_completed', label: 'Is Completed', type: 'boolean' },
  { key: 'waiting_for', label: 'Waits For', type: 'string' },
  { key: 'due_at', label: 'Due At', type: 'datetime' },
  { key: 'reason', label: 'Reason', type: 'string' },
  { key: 'explanation', label: 'Explanation', type: 'string' },
  { key: 'disposition', label: 'Disposition', type: 'string' },
  { key: 'answered_by', label: 'Answered By', type: 'string' },
  { key: 'voicemail_left', label: 'Voicemail Was Left', type: 'boolean' },
  { key: 'duration_seconds', label: 'Duration in Seconds', type: 'number' },
  { key: 'phone_number', label: 'Phone Number', type: 'string' },
  { key: 'caller_number', label: 'Caller ID', type: 'string' },
  { key: 'direction', label: 'Direction', type: 'string' },
  { key: 'created_at', label: 'Created At', type: 'datetime' },
  { key: 'completed_at', label: 'Completed At', type: 'datetime' },
  { key: 'reference', label: 'Reference', type: 'string' },
  { key: 'attempt', label: 'Attempt', type: 'integer' },
  // The notation for fields of line items: https://docs.zapier.com/platform/reference/cli-docs
  { key: 'attempts[]number', label: 'Attempts Number', type: 'integer' },
  { key: 'attempts[]status', label: 'Attempts Status', type: 'string' },
  { key: 'attempts[]reason', label: 'Attempts Reason', type: 'string' },
  { key: 'attempts[]started_at', label: 'Attempts Started At', type: 'datetime' },
  { key: 'attempts[]ended_at', label: 'Attempts Ended At', type: 'datetime' },
  ...carrierOutputFields,
  { key: 'unresolved_variables', label: 'Unresolved Variables', type: 'string', list: true },
  { key: 'ignored_fields', label: 'Ignored Fields', type: 'string', list: true },
  { key: 'transcript_url', label: 'Transcript URL', type: 'string' },
  { key: 'recording_url', label: 'Recording URL', type: 'string' },
  { key: 'transcript', label: 'Transcript', type: 'string' },
  { key: 'utterances[]speaker', label: 'Utterance Speaker', type: 'string' },
  { key: 'utterances[]started_at', label: 'Utterance Started At', type: 'string' },
  { key: 'utterances[]text', label: 'Utterance Text', type: 'string' },
  { key: 'transcript_file', label: 'Transcript File', type: 'file' },
  { key: 'recording_file', label: 'Recording File', type: 'file' },
] as const;
