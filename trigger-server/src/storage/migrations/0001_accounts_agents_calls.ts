import type { Migration } from './migration';

export const migration: Migration = {
  name: '0001_accounts_agents_calls',
  statements: (id) => [
    `CREATE TABLE organizations (
      id ${id}, name TEXT NOT NULL, concurrency_limit INTEGER NOT NULL, created_at TEXT NOT NULL)`,
    `CREATE TABLE users (
      id ${id}, organization_id INTEGER NOT NULL REFERENCES organizations(id), email TEXT NOT NULL UNIQUE,
      name TEXT, provider_id TEXT NOT NULL UNIQUE, password_hash TEXT, created_at TEXT NOT NULL)`,
    `CREATE TABLE api_keys (
      id ${id}, organization_id INTEGER NOT NULL REFERENCES organizations(id), name TEXT NOT NULL,
      key_hash TEXT NOT NULL UNIQUE, key_prefix TEXT NOT NULL, created_by INTEGER REFERENCES users(id),
      last_used_at TEXT, archived_at TEXT, created_at TEXT NOT NULL)`,
    `CREATE INDEX api_keys_by_organization ON api_keys (organization_id)`,
    `CREATE TABLE agents (
      id ${id}, uuid TEXT NOT NULL UNIQUE, organization_id INTEGER NOT NULL REFERENCES organizations(id),
      user_id INTEGER REFERENCES users(id), name TEXT NOT NULL, status TEXT NOT NULL, created_at TEXT NOT NULL)`,
    `CREATE INDEX agents_by_organization ON agents (organization_id)`,
    // The definition is the last column, because it may be large and a trigger reads only the columns before it.
    `CREATE TABLE definitions (
      id ${id}, agent_id INTEGER NOT NULL REFERENCES agents(id), version_number INTEGER NOT NULL,
      status TEXT NOT NULL, trigger_path TEXT, trigger_enabled INTEGER NOT NULL, configurations TEXT,
      template_variables TEXT, created_at TEXT NOT NULL, published_at TEXT, definition TEXT NOT NULL,
      UNIQUE (agent_id, version_number))`,
    `CREATE UNIQUE INDEX definitions_one_draft ON definitions (agent_id) WHERE status = 'draft'`,
    `CREATE UNIQUE INDEX definitions_one_published ON definitions (agent_id) WHERE status = 'published'`,
    `CREATE TABLE trigger_paths (
      path TEXT PRIMARY KEY, agent_id INTEGER NOT NULL REFERENCES agents(id),
      organization_id INTEGER NOT NULL REFERENCES organizations(id), created_at TEXT NOT NULL)`,
    `CREATE TABLE telephony_configurations (
      id ${id}, organization_id INTEGER NOT NULL REFERENCES organizations(id), name TEXT NOT NULL,
      provider TEXT NOT NULL, credentials TEXT NOT NULL, is_default_outbound INTEGER NOT NULL,
      inactive_since TEXT, inactive_reason TEXT, created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
      UNIQUE (organization_id, name))`,
    `CREATE UNIQUE INDEX telephony_configurations_one_default ON telephony_configurations (organization_id)
      WHERE is_default_outbound = 1`,
    `CREATE TABLE phone_numbers (
      id ${id}, organization_id INTEGER NOT NULL REFERENCES organizations(id),
      telephony_configuration_id INTEGER NOT NULL REFERENCES telephony_configurations(id),
      address TEXT NOT NULL, address_normalized TEXT NOT NULL, address_type TEXT NOT NULL, country_code TEXT,
      label TEXT, is_active INTEGER NOT NULL, is_default_caller_id INTEGER NOT NULL, extra_metadata TEXT NOT NULL,
      created_at TEXT NOT NULL, updated_at TEXT NOT NULL, UNIQUE (organization_id, address_normalized))`,
    `CREATE INDEX phone_numbers_by_configuration ON phone_numbers (telephony_configuration_id)`,
    `CREATE UNIQUE INDEX phone_numbers_one_default ON phone_numbers (telephony_configuration_id)
      WHERE is_default_caller_id = 1`,
    // A run may outlive its telephony configuration, so that column has no foreign key.
    `CREATE TABLE runs (
      id ${id}, organization_id INTEGER NOT NULL REFERENCES organizations(id),
      agent_id INTEGER NOT NULL REFERENCES agents(id), definition_id INTEGER NOT NULL REFERENCES definitions(id),
      name TEXT NOT NULL, mode TEXT NOT NULL, trigger_mode TEXT NOT NULL, trigger_path TEXT, status TEXT NOT NULL, disposition TEXT,
      telephony_configuration_id INTEGER NOT NULL, called_number TEXT NOT NULL, caller_number TEXT,
      provider_call_id TEXT, dial_outcome TEXT, dial_detail TEXT, call_duration_seconds INTEGER,
      initial_context TEXT NOT NULL, gathered_context TEXT NOT NULL, created_at TEXT NOT NULL, answered_at TEXT,
      completed_at TEXT)`,
    `CREATE INDEX runs_by_agent ON runs (agent_id, id)`,
    `CREATE INDEX runs_unfinished ON runs (organization_id) WHERE completed_at IS NULL`,
    `CREATE TABLE run_events (
      id ${id}, run_id INTEGER NOT NULL REFERENCES runs(id), events TEXT NOT NULL, created_at TEXT NOT NULL)`,
    `CREATE INDEX run_events_by_run ON run_events (run_id, id)`,
    `CREATE TABLE idempotency_keys (
      organization_id INTEGER NOT NULL REFERENCES organizations(id), key TEXT NOT NULL,
      request_hash TEXT NOT NULL, run_id INTEGER NOT NULL REFERENCES runs(id), created_at TEXT NOT NULL,
      PRIMARY KEY (organization_id, key))`,
    `CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at)`,
  ],
};
