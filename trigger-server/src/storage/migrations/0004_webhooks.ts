import type { Migration } from './migration';

export const migration: Migration = {
  name: '0004_webhooks',
  statements: (id) => [
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
    // The body is the last column, because it may be large and a list reads only the columns before it.
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
};
