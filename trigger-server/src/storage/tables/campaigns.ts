import type { CampaignState, SkippedRow } from '@dograh-trigger/shared';
import type { Generated } from 'kysely';

/** A list of contacts that an agent calls. */
export interface CampaignTable {
  id: Generated<number>;
  organization_id: number;
  agent_id: number;
  file_id: number;
  telephony_configuration_id: number | null;
  /** Who created it; null for a key without a creator. */
  user_id: number | null;
  /** The key that created it. */
  api_key_id: number | null;
  name: string;
  state: CampaignState;
  /** `CampaignRetry` as JSON. */
  retry_config: string;
  max_concurrency: number | null;
  /** `CampaignSchedule` as JSON; null: it calls at any time. */
  schedule_config: string | null;
  /** `CampaignBreaker` as JSON. */
  circuit_breaker: string;
  /** The line of the last contact whose run exists. The next one comes after it. */
  last_line: Generated<number>;
  /** How many contacts have a run. */
  queued_rows: Generated<number>;
  /** How many of these runs have ended, and how many without an answer. */
  ended_rows: Generated<number>;
  failed_rows: Generated<number>;
  /** The campaign whose contacts it calls again. */
  parent_id: number | null;
  redialed_id: number | null;
  /** `CampaignLogEntry[]` as JSON, bounded. */
  logs: Generated<string>;
  created_at: string;
  started_at: string | null;
  completed_at: string | null;
  /** From when on failed calls count for its circuit breaker: when it began to call last. */
  counted_from: string | null;
}

/** A file of contacts. */
export interface CampaignFileTable {
  id: Generated<number>;
  organization_id: number;
  /** How requests name it: Dograh's `source_id`. */
  file_key: string;
  largest_bytes: number;
  /** It is sent once: while it is read, and after that, its upload URL is used up. */
  state: 'awaited' | 'reading' | 'read' | 'deleting';
  /** A JSON array: the names of its columns. Null until it has been read. */
  header: string | null;
  /** Rows that can be called. */
  total_rows: Generated<number>;
  skipped_rows: Generated<number>;
  created_at: string;
  /** From then on it is deleted, by the steady clock; null: a campaign has it. */
  unused_until: string | null;
}

/** A row of a file. */
export interface CampaignRowTable {
  file_id: number;
  /** Of its first line, counted from 1. */
  line: number;
  /** In E.164; null for a row without one. */
  called_number: string | null;
  /** A JSON array. */
  cells: string;
  /** Why it is not called. */
  skip_code: SkippedRow['code'] | null;
  skip_detail: string | null;
}
