/** The schema's history: each entry is applied once, in order, and never edited after a release. */
export interface Migration {
  name: string;
  statements: string[];
}

/** @param id the column type of a generated integer key, which is the one place where databases differ. */
export function migrations(id: string): Migration[] {
  return [
    {
      name: '0001_accounts_agents_calls',
      statements: [
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
        // The definition is the last column: it may be large, and a trigger reads only what stands before it.
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
        // A run outlives its telephony configuration, so that column references nothing.
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
    },
    {
      name: '0002_real_carriers',
      statements: [
        `ALTER TABLE organizations ADD COLUMN destination_policy TEXT`,
        // A run from before has no limit of its own: it is overdue at once, and asked for at its carrier.
        `ALTER TABLE runs ADD COLUMN deadline_at TEXT NOT NULL DEFAULT ''`,
        `ALTER TABLE runs ADD COLUMN cancel_requested_at TEXT`,
        `CREATE TABLE api_key_days (
          api_key_id INTEGER NOT NULL REFERENCES api_keys(id), day TEXT NOT NULL, calls INTEGER NOT NULL,
          PRIMARY KEY (api_key_id, day))`,
      ],
    },
    {
      name: '0003_usage',
      statements: [
        // The total of a list, kept by the transaction that inserts a run: counting a million rows is not a read.
        `ALTER TABLE agents ADD COLUMN run_count INTEGER NOT NULL DEFAULT 0`,
        `UPDATE agents SET run_count = (SELECT count(*) FROM runs WHERE runs.agent_id = agents.id)`,
        // One index for each list, in its order: pages, ranges of dates and places to go on from are seeks in it.
        `DROP INDEX runs_by_agent`,
        `CREATE INDEX runs_by_agent ON runs (agent_id, created_at, id)`,
        `CREATE INDEX runs_by_organization ON runs (organization_id, created_at, id)`,
        `CREATE TABLE disposition_codes (
          organization_id INTEGER NOT NULL REFERENCES organizations(id), code TEXT NOT NULL,
          PRIMARY KEY (organization_id, code))`,
        `INSERT INTO disposition_codes (organization_id, code)
          SELECT DISTINCT organization_id, disposition FROM runs WHERE disposition IS NOT NULL`,
      ],
    },
    {
      name: '0004_webhooks',
      statements: [
        `CREATE TABLE webhook_secrets (
          id ${id}, organization_id INTEGER NOT NULL REFERENCES organizations(id), secret TEXT NOT NULL,
          created_at TEXT NOT NULL, expires_at TEXT)`,
        `CREATE INDEX webhook_secrets_by_organization ON webhook_secrets (organization_id, id)`,
        `CREATE UNIQUE INDEX webhook_secrets_one_current ON webhook_secrets (organization_id)
          WHERE expires_at IS NULL`,
        `CREATE TABLE webhook_credentials (
          id ${id}, uuid TEXT NOT NULL UNIQUE, organization_id INTEGER NOT NULL REFERENCES organizations(id),
          name TEXT NOT NULL, description TEXT, credential_type TEXT NOT NULL, data TEXT NOT NULL,
          created_at TEXT NOT NULL, updated_at TEXT, UNIQUE (organization_id, name))`,
        `CREATE TABLE hooks (
          id ${id}, organization_id INTEGER NOT NULL REFERENCES organizations(id),
          agent_id INTEGER REFERENCES agents(id), event TEXT NOT NULL, target_url TEXT NOT NULL,
          created_at TEXT NOT NULL)`,
        `CREATE UNIQUE INDEX hooks_once ON hooks (organization_id, event, target_url, coalesce(agent_id, 0))`,
        `CREATE TABLE callback_urls (run_id INTEGER PRIMARY KEY REFERENCES runs(id), url TEXT NOT NULL)`,
        // The body is the last column: it may be large, and a list reads only what stands before it.
        `CREATE TABLE webhook_deliveries (
          id ${id}, uuid TEXT NOT NULL UNIQUE, organization_id INTEGER NOT NULL REFERENCES organizations(id),
          run_id INTEGER NOT NULL REFERENCES runs(id), source TEXT NOT NULL, hook_id INTEGER,
          receiver TEXT NOT NULL, status TEXT NOT NULL, attempt_count INTEGER NOT NULL,
          attempts_before_retry INTEGER NOT NULL, next_attempt_at TEXT, created_at TEXT NOT NULL,
          completed_at TEXT, request TEXT NOT NULL, body TEXT)`,
        `CREATE INDEX webhook_deliveries_pending ON webhook_deliveries (receiver, next_attempt_at)
          WHERE status = 'pending'`,
        `CREATE INDEX webhook_deliveries_by_hook ON webhook_deliveries (hook_id) WHERE status = 'pending'`,
        `CREATE INDEX webhook_deliveries_by_organization ON webhook_deliveries (organization_id, id)`,
        `CREATE INDEX webhook_deliveries_by_run ON webhook_deliveries (run_id, id)`,
        `CREATE TABLE webhook_attempts (
          id ${id}, delivery_id INTEGER NOT NULL REFERENCES webhook_deliveries(id), number INTEGER NOT NULL,
          started_at TEXT NOT NULL, duration_milliseconds INTEGER NOT NULL, status_code INTEGER, error TEXT,
          response TEXT)`,
        `CREATE INDEX webhook_attempts_by_delivery ON webhook_attempts (delivery_id, id)`,
      ],
    },
    {
      name: '0005_artifacts',
      statements: [
        `ALTER TABLE runs ADD COLUMN is_recorded INTEGER NOT NULL DEFAULT 0`,
        `ALTER TABLE runs ADD COLUMN has_transcript INTEGER NOT NULL DEFAULT 0`,
        `ALTER TABLE runs ADD COLUMN recording_key TEXT`,
        `ALTER TABLE runs ADD COLUMN artifacts_ready_at TEXT`,
        `UPDATE runs SET artifacts_ready_at = completed_at, has_transcript = CASE WHEN EXISTS (
          SELECT 1 FROM run_events WHERE run_events.run_id = runs.id AND events LIKE '%"rtf-bot-text"%')
          THEN 1 ELSE 0 END`,
        `CREATE TABLE awaited_recordings (
          run_id INTEGER PRIMARY KEY REFERENCES runs(id), url TEXT, attempts INTEGER NOT NULL,
          next_attempt_at TEXT NOT NULL)`,
        `CREATE INDEX awaited_recordings_by_time ON awaited_recordings (next_attempt_at)`,
      ],
    },
    {
      name: '0006_deliveries_by_status',
      statements: [
        // A list of one status, such as what failed, is else found by looking at every delivery.
        `CREATE INDEX webhook_deliveries_by_status ON webhook_deliveries (organization_id, status, id)`,
      ],
    },
    {
      name: '0007_due_deliveries',
      statements: [
        // Receivers take turns by name, and are due by time. One index of both would be gone through from name to name,
        // past every receiver that nothing is due for. So what is due is noted first, which one index finds by time,
        // and taken from another one that holds nothing else.
        `ALTER TABLE webhook_deliveries ADD COLUMN is_due INTEGER NOT NULL DEFAULT 0`,
        `DROP INDEX webhook_deliveries_pending`,
        `CREATE INDEX webhook_deliveries_waiting ON webhook_deliveries (next_attempt_at)
          WHERE status = 'pending' AND is_due = 0`,
        `CREATE INDEX webhook_deliveries_due ON webhook_deliveries (receiver, next_attempt_at)
          WHERE status = 'pending' AND is_due = 1`,
      ],
    },
    {
      name: '0008_no_silent_lie',
      statements: [
        `ALTER TABLE runs ADD COLUMN reason TEXT`,
        `ALTER TABLE runs ADD COLUMN fallback_from TEXT`,
        `ALTER TABLE runs ADD COLUMN ignored_fields TEXT`,
        `ALTER TABLE runs ADD COLUMN unresolved_variables TEXT`,
        // Null in rows from before: then the definition itself is read.
        `ALTER TABLE definitions ADD COLUMN needed_variables TEXT`,
      ],
    },
    {
      name: '0009_hook_events',
      statements: [
        // The index hooks_once goes along with the column.
        `ALTER TABLE hooks RENAME COLUMN event TO events`,
        `UPDATE hooks SET events = '["' || events || '"]'`,
        `CREATE TABLE hook_tests (
          organization_id INTEGER PRIMARY KEY REFERENCES organizations(id), tested_at TEXT NOT NULL)`,
      ],
    },
    {
      name: '0010_organization_run_counts',
      statements: [
        `ALTER TABLE organizations ADD COLUMN run_count INTEGER NOT NULL DEFAULT 0`,
        `UPDATE organizations SET run_count = coalesce(
          (SELECT sum(run_count) FROM agents WHERE agents.organization_id = organizations.id), 0)`,
      ],
    },
    {
      name: '0012_secrets_canaries',
      statements: [`CREATE TABLE secrets_canaries (sealed TEXT NOT NULL)`],
    },
    {
      name: '0014_sessions',
      statements: [
        `CREATE TABLE sessions (
          id TEXT PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users(id), created_at TEXT NOT NULL,
          last_seen_at TEXT NOT NULL)`,
        `CREATE INDEX sessions_by_user ON sessions (user_id)`,
      ],
    },
    {
      name: '0016_clock',
      statements: [
        `CREATE TABLE clock (
          id INTEGER PRIMARY KEY CHECK (id = 1),
          jumped_milliseconds INTEGER NOT NULL
        )`,
      ],
    },
    {
      name: '0017_clock_mark',
      statements: [
        `ALTER TABLE clock ADD COLUMN wall_milliseconds INTEGER NOT NULL DEFAULT 0`,
        `ALTER TABLE clock ADD COLUMN monotonic_milliseconds INTEGER NOT NULL DEFAULT 0`,
        `ALTER TABLE clock ADD COLUMN boot TEXT`,
      ],
    },
    {
      name: '0018_key_lifetime',
      statements: [
        `ALTER TABLE idempotency_keys RENAME COLUMN created_at TO expires_at`,
        `UPDATE idempotency_keys SET expires_at = strftime('%Y-%m-%dT%H:%M:%fZ', expires_at, '+24 hours')`,
        `DROP INDEX idempotency_keys_by_age`,
        `CREATE INDEX idempotency_keys_by_expiry ON idempotency_keys (expires_at)`,
      ],
    },
    {
      name: '0019_long_greetings',
      statements: [
        // Whether a greeting is too long was not noted at first. Null: the definition itself is read. A greeting of
        // 5,000 characters has room for more places than it may have.
        `UPDATE definitions SET needed_variables = NULL
          WHERE length(definition) > 5000 AND EXISTS (
            SELECT 1 FROM json_each(definitions.definition, '$.nodes') AS node
            WHERE json_extract(node.value, '$.type') = 'startCall'
              AND length(json_extract(node.value, '$.data.greeting')) > 5000)`,
      ],
    },
    {
      name: '0020_answered_steady',
      statements: [`ALTER TABLE runs ADD COLUMN answered_steady_at TEXT`],
    },
    {
      name: '0021_several_callback_urls',
      statements: [
        // A primary key cannot be changed in place.
        `ALTER TABLE callback_urls RENAME TO single_callback_urls`,
        `CREATE TABLE callback_urls (
          run_id INTEGER NOT NULL REFERENCES runs(id), url TEXT NOT NULL, PRIMARY KEY (run_id, url))`,
        `INSERT INTO callback_urls (run_id, url) SELECT run_id, url FROM single_callback_urls`,
        `DROP TABLE single_callback_urls`,
      ],
    },
  ];
}
