import type { Generated } from 'kysely';

export interface IdempotencyKeyTable {
  organization_id: number;
  key: string;
  /** SHA-256 of the route and the canonical JSON body. Empty once the run is erased: any request then gets its reply. */
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

/** A dial that counts towards the limit of calls to its number. Written only while there is a limit. */
export interface NumberCallTable {
  id: Generated<number>;
  organization_id: number;
  /** In E.164. */
  number: string;
  run_id: number;
  /** By the steady clock. */
  at: string;
}

/** A number that an organization does not call. */
export interface DoNotCallTable {
  id: Generated<number>;
  organization_id: number;
  /** In E.164. Once in an organization. */
  number: string;
  source: string;
  reason: string | null;
  /** From then on it may be called, by the wall clock; null: never. */
  until: string | null;
  /** The call in which the person opted out. It may be deleted. */
  run_id: number | null;
  added_at: string;
}

/** What a queued call needs for its dial. It is deleted when the run ends, or cannot be queued again. */
export interface CallPlanTable {
  run_id: number;
  /** `PlannedRequest` as JSON. */
  request: string;
  /** `Schedule` as JSON. */
  schedule: string;
  /** Counts its changes. */
  revision: Generated<number>;
}

/** When a telephony configuration may place its next queued call. */
export interface AccountTurnTable {
  configuration_id: number;
  /** By the steady clock. */
  free_at: string;
}

/** Results of an ended call at another server that were not there yet. The row is deleted when they are read or given up. */
export interface LateResultsTable {
  run_id: number;
  attempt: number;
  /** How often they were looked for since. */
  tries: number;
  next_try_at: string;
}
