/**
 * The tables as Kysely sees them. Columns are TEXT and INTEGER only, so that every supported database agrees:
 * instants are ISO 8601 text in UTC with milliseconds, flags are 0 or 1, objects are JSON text.
 *
 * Longer than 400 lines because every table is in this one list, which says who owns it.
 */
import type {
  CallSource,
  DeliverySource,
  DeliveryStatus,
  RunReason,
  RunStatus,
  WebhookCredentialType,
} from '@dograh-trigger/shared';
import type { Generated } from 'kysely';

export interface OrganizationTable {
  id: Generated<number>;
  name: string;
  /** How many calls may be under way at once. */
  concurrency_limit: number;
  /** `DestinationPolicy` as JSON; null for the default policy. */
  destination_policy: string | null;
  created_at: string;
  /** The number of runs of all its agents, incremented by the transaction that inserts a run. */
  run_count: Generated<number>;
}

export interface UserTable {
  id: Generated<number>;
  organization_id: number;
  email: string;
  name: string | null;
  provider_id: string;
  /** Null for a user who cannot log in, such as the demo user. */
  password_hash: string | null;
  created_at: string;
}

export interface SessionTable {
  /** `jti` of its token. */
  id: string;
  user_id: number;
  created_at: string;
  last_seen_at: string;
}

/** A link that signs a user in once. The row is deleted when it is used. */
export interface SignInLinkTable {
  /** Hex SHA-256 of its token. */
  hash: string;
  user_id: number;
  /** In `Clock.steady` time. */
  expires_at: string;
}

export interface ApiKeyTable {
  id: Generated<number>;
  organization_id: number;
  name: string;
  /** Hex SHA-256 of the whole key. */
  key_hash: string;
  key_prefix: string;
  created_by: number | null;
  last_used_at: string | null;
  archived_at: string | null;
  created_at: string;
}

export interface AgentTable {
  id: Generated<number>;
  uuid: string;
  organization_id: number;
  /** The user on whose behalf calls are placed (Dograh's execution owner). */
  user_id: number | null;
  name: string;
  status: 'active' | 'archived';
  created_at: string;
  /** The number of its runs, incremented by the transaction that inserts a run. */
  run_count: Generated<number>;
}

export interface DefinitionTable {
  id: Generated<number>;
  agent_id: number;
  version_number: number;
  status: 'draft' | 'published' | 'archived';
  definition: string;
  configurations: string | null;
  template_variables: string | null;
  /** Copied from the definition's trigger node when it is saved, so that a trigger does not parse the definition. */
  trigger_path: string | null;
  trigger_enabled: number;
  /** `NeededVariables` as JSON, copied in the same way; null in rows older than this column. */
  needed_variables: string | null;
  created_at: string;
  published_at: string | null;
}

/** Which agent owns a trigger path. A path never passes to another agent. */
export interface TriggerPathTable {
  path: string;
  agent_id: number;
  organization_id: number;
  created_at: string;
}

export interface TelephonyConfigurationTable {
  id: Generated<number>;
  organization_id: number;
  name: string;
  provider: string;
  /** The provider's configuration as JSON, encrypted with AES-256-GCM. */
  credentials: string;
  is_default_outbound: number;
  inactive_since: string | null;
  inactive_reason: string | null;
  /** `AccountVerification` as JSON: the carrier's last answer about these credentials. */
  verification: string | null;
  created_at: string;
  updated_at: string;
}

export interface PhoneNumberTable {
  id: Generated<number>;
  organization_id: number;
  telephony_configuration_id: number;
  address: string;
  address_normalized: string;
  address_type: 'pstn' | 'sip_uri' | 'sip_extension';
  country_code: string | null;
  label: string | null;
  is_active: number;
  is_default_caller_id: number;
  extra_metadata: string;
  created_at: string;
  updated_at: string;
}

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
  call_duration_seconds: number | null;
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
}

/** A recording that is to be fetched. The row is deleted when the recording is stored or given up. */
export interface AwaitedRecordingTable {
  run_id: number;
  /** Its address at the carrier; null until the carrier reports it. */
  url: string | null;
  /** The number of attempts to fetch it. */
  attempts: number;
  next_attempt_at: string;
}

/** The events of a run, in order. Rows are only appended; each holds the events of one transaction. */
export interface RunEventTable {
  id: Generated<number>;
  run_id: number;
  /** A JSON array of `RunEvent`. */
  events: string;
  created_at: string;
}

export interface IdempotencyKeyTable {
  organization_id: number;
  key: string;
  /** SHA-256 of the route and the canonical JSON body. */
  request_hash: string;
  run_id: number;
  /** In `Clock.steady` time. */
  expires_at: string;
}

/** How many calls a key has placed on a UTC day. Counted only if the organization limits them. */
export interface ApiKeyDayTable {
  api_key_id: number;
  /** `2026-11-23`. */
  day: string;
  calls: number;
}

/** The signing secrets of an organization's events. One is current; older ones also sign until they expire. */
export interface WebhookSecretTable {
  id: Generated<number>;
  organization_id: number;
  /** `whsec_…`, encrypted with AES-256-GCM. */
  secret: string;
  created_at: string;
  /** Null for the current secret. */
  expires_at: string | null;
}

export interface WebhookCredentialTable {
  id: Generated<number>;
  uuid: string;
  organization_id: number;
  name: string;
  description: string | null;
  credential_type: WebhookCredentialType;
  /** The fields of its type as JSON, encrypted with AES-256-GCM. */
  data: string;
  created_at: string;
  updated_at: string | null;
}

/** A subscription to events. */
export interface HookTable {
  id: Generated<number>;
  organization_id: number;
  /** Null for the calls of every agent. */
  agent_id: number | null;
  /** A JSON array of distinct `WebhookEvent`s, in the contract's order. */
  events: string;
  target_url: string;
  created_at: string;
}

/** When an organization last sent a test event. */
export interface HookTestTable {
  organization_id: number;
  tested_at: string;
}

/** The callback URLs of a run, one row each: repeats of a request may add further ones. */
export interface CallbackUrlTable {
  run_id: number;
  url: string;
}

/** The outbox: one row per event and receiver. */
export interface WebhookDeliveryTable {
  id: Generated<number>;
  /** The same at every attempt. */
  uuid: string;
  organization_id: number;
  run_id: number;
  source: DeliverySource;
  hook_id: number | null;
  /** Organization and host. Deliveries with the same value share the limits of one receiver. */
  receiver: string;
  status: DeliveryStatus;
  attempt_count: number;
  /** The number of attempts before it was last resent by hand. The retry schedule counts from there. */
  attempts_before_retry: number;
  /**
   * The time of the next attempt. While an attempt is under way: when it counts as lost. Null when no attempt will
   * follow, and while it waits for an earlier event.
   */
  next_attempt_at: string | null;
  /** 1 from when it was found due until an attempt begins. The index of due deliveries holds only such rows. */
  is_due: Generated<number>;
  created_at: string;
  completed_at: string | null;
  /** `DeliveryRequest` as JSON. */
  request: string;
  /** Null until the first attempt renders the body; empty for a method without a body. */
  body: string | null;
}

/** Inserted when the attempt begins. It has neither a status code nor an error until the attempt has ended. */
export interface WebhookAttemptTable {
  id: Generated<number>;
  delivery_id: number;
  number: number;
  started_at: string;
  duration_milliseconds: number;
  status_code: number | null;
  error: string | null;
  response: string | null;
}

/** Dispositions of an organization's calls that are not built in. */
export interface DispositionCodeTable {
  organization_id: number;
  code: string;
}

/**
 * The last changes, at least 10,000, of runs and deliveries, in the order of their commits. Written by database triggers, so that
 * every process can report changes, whichever process made them.
 */
export interface ChangeTable {
  id: Generated<number>;
  organization_id: number;
  kind: 'run' | 'delivery';
  /** The id of the run or the delivery. */
  subject_id: number;
}

/** Has at most one row. */
export interface ClockTable {
  id: number;
  /** The sum of all jumps of the wall clock that servers of this database have noticed. */
  jumped_milliseconds: number;
  /** The machine's clocks when the row was written. */
  wall_milliseconds: number;
  monotonic_milliseconds: number;
  /** The boot id of the machine at that time; null where the system has none. */
  boot: string | null;
}

/** A server process that runs, or that ended without an orderly stop. Instants by the steady clock. */
export interface ProcessTable {
  /** UUID. */
  id: string;
  started_at: string;
  heartbeat_at: string;
}

/** A sealed sample text, one for each key that has sealed something in this database. */
export interface SecretsCanaryTable {
  sealed: string;
}

/** Which folder (or file) of this name owns which tables. Only the owner changes them; a test checks that. */
interface TablesByOwner {
  accounts: {
    organizations: OrganizationTable;
    users: UserTable;
    sessions: SessionTable;
    sign_in_links: SignInLinkTable;
    api_keys: ApiKeyTable;
  };
  agents: { agents: AgentTable; definitions: DefinitionTable; trigger_paths: TriggerPathTable };
  artifacts: { awaited_recordings: AwaitedRecordingTable };
  calls: { idempotency_keys: IdempotencyKeyTable; api_key_days: ApiKeyDayTable };
  console: { changes: ChangeTable };
  jumps: { clock: ClockTable };
  runs: { runs: RunTable; run_events: RunEventTable };
  storage: { secrets_canaries: SecretsCanaryTable };
  telephony: { telephony_configurations: TelephonyConfigurationTable; phone_numbers: PhoneNumberTable };
  usage: { disposition_codes: DispositionCodeTable };
  workers: { processes: ProcessTable };
  events: {
    webhook_secrets: WebhookSecretTable;
    webhook_credentials: WebhookCredentialTable;
    hooks: HookTable;
    hook_tests: HookTestTable;
    callback_urls: CallbackUrlTable;
    webhook_deliveries: WebhookDeliveryTable;
    webhook_attempts: WebhookAttemptTable;
  };
}

export type Database = TablesByOwner['accounts'] &
  TablesByOwner['agents'] &
  TablesByOwner['artifacts'] &
  TablesByOwner['calls'] &
  TablesByOwner['console'] &
  TablesByOwner['jumps'] &
  TablesByOwner['runs'] &
  TablesByOwner['storage'] &
  TablesByOwner['telephony'] &
  TablesByOwner['usage'] &
  TablesByOwner['workers'] &
  TablesByOwner['events'];
