/**
 * The tables as Kysely sees them. Columns are TEXT and INTEGER only, so that every supported database agrees:
 * instants are ISO 8601 text in UTC with milliseconds, flags are 0 or 1, objects are JSON text.
 */
import type {
  DeliverySource,
  DeliveryStatus,
  RunStatus,
  WebhookCredentialType,
} from '@dograh-trigger/shared';
import type { Generated } from 'kysely';

export interface OrganizationTable {
  id: Generated<number>;
  name: string;
  /** How many calls may be unfinished at once. */
  concurrency_limit: number;
  /** `DestinationPolicy` as JSON; null: the default one. */
  destination_policy: string | null;
  created_at: string;
  /** How many runs all its agents have, kept by the transaction that inserts a run. */
  run_count: Generated<number>;
}

export interface UserTable {
  id: Generated<number>;
  organization_id: number;
  email: string;
  name: string | null;
  provider_id: string;
  /** Absent for a user who cannot log in, such as the demo user. */
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
  /** The execution owner. */
  user_id: number | null;
  name: string;
  status: 'active' | 'archived';
  created_at: string;
  /** How many runs it has, kept by the transaction that inserts a run. */
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
  /** Copied out of the definition's trigger node when it is saved, so that a trigger reads columns only. */
  trigger_path: string | null;
  trigger_enabled: number;
  /** `NeededVariables` as JSON, copied out likewise; null in a row from before there was such a column. */
  needed_variables: string | null;
  created_at: string;
  published_at: string | null;
}

/** Which agent owns a trigger path, for ever: a path is never handed to another agent. */
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

/** What the dial of a run came to. `null` while it is under way. */
export type DialOutcome = 'placed' | 'refused' | 'not_sent' | 'unknown';

export interface RunTable {
  id: Generated<number>;
  organization_id: number;
  agent_id: number;
  definition_id: number;
  name: string;
  /** The telephony provider. */
  mode: string;
  trigger_mode: 'production' | 'test';
  /** The trigger path that was called; absent for a call by agent UUID. */
  trigger_path: string | null;
  status: RunStatus;
  disposition: string | null;
  telephony_configuration_id: number;
  called_number: string;
  caller_number: string | null;
  provider_call_id: string | null;
  dial_outcome: DialOutcome | null;
  /** The process (`processes.id`) that dials it, or did. Null in runs from before there was such a column. */
  owner: string | null;
  /**
   * When its provider looks after it next, by the steady clock; null: not by itself. Means nothing once the run has ended.
   */
  follow_up_at: string | null;
  /** The public text of a dial that was refused. */
  dial_detail: string | null;
  call_duration_seconds: number | null;
  initial_context: string;
  /** What the call itself brought, beyond the columns. */
  gathered_context: string;
  created_at: string;
  /** When the watchdog ends it, if nobody else has: steady time, as `Clock` has it. */
  deadline_at: string;
  /** When a caller asked to end it. */
  cancel_requested_at: string | null;
  answered_at: string | null;
  /** The same moment by `Clock.steady`, for the time that was talked. Null in answered runs from before. */
  answered_steady_at: string | null;
  completed_at: string | null;
  /** Whether the carrier was asked to record the call. */
  is_recorded: number;
  /** Whether something was said, so that there is a transcript. */
  has_transcript: Generated<number>;
  /** Where the recording is kept, once it is there. */
  recording_key: string | null;
  /** When everything that was awaited of the ended run had come, or was given up. Set once. */
  artifacts_ready_at: string | null;
  /** Why it ended as it did, where status and disposition do not say it: `not_placed`. */
  reason: string | null;
  /** `FallbackFrom` as JSON: the default configuration that was not ready. */
  fallback_from: string | null;
  /** A JSON array of names; null: none. */
  ignored_fields: string | null;
  /** A JSON array of names; null: none. */
  unresolved_variables: string | null;
}

/** A recording that is to be fetched. The row goes when the recording is kept, or given up. */
export interface AwaitedRecordingTable {
  run_id: number;
  /** Where the carrier keeps it; null while it has not said so. */
  url: string | null;
  /** How often it was tried to fetch it. */
  attempts: number;
  next_attempt_at: string;
}

/** What happened during a run, in order; only ever appended. One row holds what one transaction brought. */
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
  /** By the steady clock. */
  expires_at: string;
}

/** How many calls a key has placed on a day of UTC; kept only where the organization limits them. */
export interface ApiKeyDayTable {
  api_key_id: number;
  /** `2026-11-23`. */
  day: string;
  calls: number;
}

/** What an organization's events are signed with. One is current; those before it are used until they expire. */
export interface WebhookSecretTable {
  id: Generated<number>;
  organization_id: number;
  /** `whsec_…`, encrypted with AES-256-GCM. */
  secret: string;
  created_at: string;
  /** Null for the current one. */
  expires_at: string | null;
}

export interface WebhookCredentialTable {
  id: Generated<number>;
  uuid: string;
  organization_id: number;
  name: string;
  description: string | null;
  credential_type: WebhookCredentialType;
  /** What its type needs as JSON, encrypted with AES-256-GCM. */
  data: string;
  created_at: string;
  updated_at: string | null;
}

/** A subscription to events. */
export interface HookTable {
  id: Generated<number>;
  organization_id: number;
  /** Null: calls of every agent. */
  agent_id: number | null;
  /** A JSON array of `WebhookEvent`, each once, in the contract's order. */
  events: string;
  target_url: string;
  created_at: string;
}

/** When an organization last sent a test event. */
export interface HookTestTable {
  organization_id: number;
  tested_at: string;
}

/** Whom the callers of a run want to be told of its end: a row for each address. */
export interface CallbackUrlTable {
  run_id: number;
  url: string;
}

/** The outbox: one event for one receiver. */
export interface WebhookDeliveryTable {
  id: Generated<number>;
  /** The same at every attempt. */
  uuid: string;
  organization_id: number;
  run_id: number;
  source: DeliverySource;
  hook_id: number | null;
  /** Organization and host: what shares a receiver waits for the same receiver. */
  receiver: string;
  status: DeliveryStatus;
  attempt_count: number;
  /** Attempts before it was sent again by hand: the schedule of retries counts from there. */
  attempts_before_retry: number;
  /**
   * While an attempt is under way: when it counts as lost. Null when there will be none, and while it waits for the
   * event before it.
   */
  next_attempt_at: string | null;
  /** 1 from when it was seen to be due until it is taken for an attempt: who looks passes over nothing else. */
  is_due: Generated<number>;
  created_at: string;
  completed_at: string | null;
  /** `DeliveryRequest` as JSON. */
  request: string;
  /** Null until the first attempt renders it; empty for a method without a body. */
  body: string | null;
}

/** Written when it begins. Until it has ended it has neither a status code nor an error. */
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

/** Dispositions that calls of an organization have ended with, beyond the built-in ones. */
export interface DispositionCodeTable {
  organization_id: number;
  code: string;
}

/** One row at most. */
export interface ClockTable {
  id: number;
  /** The sum of all jumps of the wall clock that servers of this database have seen. */
  jumped_milliseconds: number;
  /** What the clocks of the machine showed when this was written. */
  wall_milliseconds: number;
  monotonic_milliseconds: number;
  /** Which start of the machine that was; null where the system does not tell. */
  boot: string | null;
}

/** A server process that runs, or that ended without an orderly stop. Instants by the steady clock. */
export interface ProcessTable {
  /** UUID. */
  id: string;
  started_at: string;
  heartbeat_at: string;
}

/** A text that is sealed, one by each key that has sealed something here. */
export interface SecretsCanaryTable {
  sealed: string;
}

/** Who owns which tables: the folder (or the file) of this name. Nobody else changes them: a test reads this list. */
interface TablesByOwner {
  accounts: {
    organizations: OrganizationTable;
    users: UserTable;
    sessions: SessionTable;
    api_keys: ApiKeyTable;
  };
  agents: { agents: AgentTable; definitions: DefinitionTable; trigger_paths: TriggerPathTable };
  artifacts: { awaited_recordings: AwaitedRecordingTable };
  calls: { idempotency_keys: IdempotencyKeyTable; api_key_days: ApiKeyDayTable };
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
  TablesByOwner['jumps'] &
  TablesByOwner['runs'] &
  TablesByOwner['storage'] &
  TablesByOwner['telephony'] &
  TablesByOwner['usage'] &
  TablesByOwner['workers'] &
  TablesByOwner['events'];
