import type { Generated } from 'kysely';

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
  /** Whether a language model was configured when it was published. */
  had_model: Generated<number>;
}

/** Which agent owns a trigger path. A path never passes to another agent. */
export interface TriggerPathTable {
  path: string;
  agent_id: number;
  organization_id: number;
  created_at: string;
}
