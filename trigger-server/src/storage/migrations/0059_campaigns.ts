import type { Migration } from './migration';

export const migration: Migration = {
  name: '0059_campaigns',
  statements: (id) => [
    `CREATE TABLE campaigns (
      id ${id}, organization_id INTEGER NOT NULL REFERENCES organizations(id),
      agent_id INTEGER NOT NULL REFERENCES agents(id), file_id INTEGER NOT NULL REFERENCES campaign_files(id),
      telephony_configuration_id INTEGER, user_id INTEGER, api_key_id INTEGER, name TEXT NOT NULL,
      state TEXT NOT NULL, retry_config TEXT NOT NULL, max_concurrency INTEGER, schedule_config TEXT,
      circuit_breaker TEXT NOT NULL, last_line INTEGER NOT NULL DEFAULT 0, queued_rows INTEGER NOT NULL DEFAULT 0,
      ended_rows INTEGER NOT NULL DEFAULT 0, failed_rows INTEGER NOT NULL DEFAULT 0, parent_id INTEGER,
      redialed_id INTEGER, logs TEXT NOT NULL DEFAULT '[]', created_at TEXT NOT NULL, started_at TEXT,
      completed_at TEXT, counted_from TEXT)`,
    `CREATE INDEX campaigns_of_organization ON campaigns (organization_id, id)`,
    `CREATE INDEX campaigns_running ON campaigns (id) WHERE state = 'running'`,
    `CREATE INDEX campaigns_by_file ON campaigns (file_id)`,
    // Calls of no campaign are in none of these indexes.
    `ALTER TABLE runs ADD COLUMN campaign_id INTEGER`,
    `ALTER TABLE runs ADD COLUMN campaign_line INTEGER`,
    `CREATE UNIQUE INDEX runs_of_campaign_line ON runs (campaign_id, campaign_line) WHERE campaign_id IS NOT NULL`,
    `CREATE INDEX runs_of_campaign ON runs (campaign_id, created_at, id) WHERE campaign_id IS NOT NULL`,
    `CREATE INDEX runs_open_of_campaign ON runs (campaign_id, due_at)
      WHERE campaign_id IS NOT NULL AND completed_at IS NULL`,
    `CREATE INDEX runs_ended_of_campaign ON runs (campaign_id, completed_at)
      WHERE campaign_id IS NOT NULL AND completed_at IS NOT NULL`,
  ],
};
