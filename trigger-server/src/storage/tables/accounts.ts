import type { KeyScope } from '@dograh-trigger/shared';
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
  /** The number of its runs that have not ended: each takes a slot. Changed by the transaction that begins or ends a run. */
  open_run_count: Generated<number>;
  /** The number of its calls that wait in the queue, but for those of campaigns. Changed as `open_run_count`. */
  queued_run_count: Generated<number>;
  /** 1 once it has had a number on its do-not-call list, so that the others do not look for one. */
  has_do_not_call: Generated<number>;
  /** 1 for the one that the first start made with a demo agent. */
  is_demo: Generated<number>;
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
  /** Until when it may set a new password without the current one, in `Clock.steady` time; null: it may not. */
  password_reset_until: string | null;
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
  scope: Generated<KeyScope>;
  /** A JSON array of the ids of the agents that a key with the scope `trigger` is limited to; null: all of them. */
  agent_ids: string | null;
  /** From then on it is refused; null: never. */
  expires_at: string | null;
}
