import type { CallSource, RunReason, RunStatus, WaitingReason } from '@dograh-trigger/shared';
import type { Generated } from 'kysely';

/** The outcome of a run's dial; null while it is under way. */
export type DialOutcome = 'placed' | 'refused' | 'not_sent' | 'unknown';

/**
 * How far the message for a machine has come: the carrier is to speak it, speaks it, or has spoken it to its end. Null:
 * there is none, or it is too early for it.
 */
export type MessageState = 'due' | 'spoken' | 'left';

export interface RunTable {
  id: Generated<number>;
  organization_id: number;
  agent_id: number;
  definition_id: number;
  name: string;
  /** The telephony provider. */
  mode: string;
  trigger_mode: 'production' | 'test';
  /** The trigger path that was called; null for a call by agent UUID. */
  trigger_path: string | null;
  status: RunStatus;
  disposition: string | null;
  telephony_configuration_id: number;
  called_number: string;
  caller_number: string | null;
  provider_call_id: string | null;
  dial_outcome: DialOutcome | null;
  /** The process (`processes.id`) that dials or dialled it. Null in runs from before this column. */
  owner: string | null;
  /**
   * When its provider follows it up next, by the steady clock; null: never. Without meaning once the run has ended.
   */
  follow_up_at: string | null;
  /** What sent its request; null in runs older than this column. */
  source: CallSource | null;
  /** The key of its request; null for a session, and in runs older than this column. */
  api_key_id: number | null;
  /** The public text of a dial that was refused. */
  dial_detail: string | null;
  /** Of all attempts together, once the run has ended. */
  call_duration_seconds: number | null;
  /** The part of the duration that is of attempts before the current one. */
  earlier_seconds: Generated<number>;
  initial_context: string;
  /** What the call itself yielded, apart from the columns, as JSON. */
  gathered_context: string;
  created_at: string;
  /** When the watchdog ends the run unless it has ended before; in `Clock.steady` time. */
  deadline_at: string;
  /** When a caller requested to cancel it. */
  cancel_requested_at: string | null;
  /** When its carrier reported the ringing, by `Clock.steady`; null until then, and in runs older than this column. */
  ringing_steady_at: string | null;
  answered_at: string | null;
  /**
   * The time of the answer by `Clock.steady`, to measure the talk time. Null in answered runs older than this column.
   */
  answered_steady_at: string | null;
  completed_at: string | null;
  /** Whether the carrier was asked to record the call. */
  is_recorded: number;
  /** Whether there is a transcript, because something was said. */
  has_transcript: Generated<number>;
  /** The storage key of the recording, once it is there. */
  recording_key: string | null;
  /** The address of the recording at its carrier, fetched or not; null in runs from before this column. */
  recording_source: string | null;
  /** When everything awaited of the ended run had arrived or was given up. Set once. */
  artifacts_ready_at: string | null;
  /** Why it ended as it did; null for the ordinary end of a conversation. */
  reason: RunReason | null;
  /** Of the request; null: the agent's applies. */
  language: string | null;
  voice: string | null;
  /** `Voicemail` as JSON, of the request or of its agent; null: neither says what happens if a machine answers. */
  voicemail: string | null;
  message_state: MessageState | null;
  /** `FallbackFrom` as JSON: the default configuration, which was not ready. */
  fallback_from: string | null;
  /** A JSON array of names; null: none. */
  ignored_fields: string | null;
  /** A JSON array of names; null: none. */
  unresolved_variables: string | null;
  /** `TraceContext` as JSON, of the request; null: none. */
  trace: string | null;
  /** When a queued call is due, by the wall clock. It is not null exactly while the call is queued. */
  due_at: string | null;
  waiting_for: WaitingReason | null;
  /** Calls of one lane are placed in order, and the lanes of an organization in turns. Null: it was never queued. */
  lane: string | null;
  /** When it expires unless it has been placed, by the wall clock. */
  expires_at: string | null;
  /** Whether its request was answered with 202. */
  is_scheduled: Generated<number>;
  /** Whether it has a row in `call_plans`, so that it may be placed, or placed again. */
  has_plan: Generated<number>;
  /** The number of the attempt that the columns describe, or of the next one while it is queued. */
  attempt: Generated<number>;
  /** When that attempt was taken from the queue, by the wall clock. Null: it was dialled when the run was created, or waits. */
  dialled_at: string | null;
  /** Of the request. */
  reference: string | null;
  /** `Metadata` of the request as JSON. */
  metadata: string | null;
  /** Null: a call of no campaign. */
  campaign_id: number | null;
  /** The line of its contact in the file of the campaign. One line has one run. */
  campaign_line: number | null;
  /** When everything about the person called was removed. */
  erased_at: string | null;
  /** `ReportedUsage` as JSON; null: no other server held the conversation, or it did not say. */
  reported_usage: string | null;
}

/** An attempt that has ended and was followed by another one. */
export interface AttemptTable {
  run_id: number;
  number: number;
  mode: string;
  telephony_configuration_id: number;
  caller_number: string | null;
  /** The carrier's. */
  call_id: string | null;
  dial_outcome: DialOutcome | null;
  status: RunStatus;
  disposition: string | null;
  reason: RunReason | null;
  started_at: string;
  ended_at: string;
}

/** Which calls share their turns: see `runs.lane`. */
export interface QueueLaneTable {
  lane: string;
  /** When a call of it was taken last, by the steady clock. */
  taken_at: string;
}

/** The events of a run, in order. Each row holds the events of one transaction, in which only a speech is corrected. */
export interface RunEventTable {
  id: Generated<number>;
  run_id: number;
  /** A JSON array of `RunEvent`. */
  events: string;
  created_at: string;
}
