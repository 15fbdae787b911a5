import type { Migration } from './migration';

export const migration: Migration = {
  name: '0040_retention',
  statements: () => [
    `ALTER TABLE runs ADD COLUMN erased_at TEXT`,
    `ALTER TABLE runs ADD COLUMN recording_source TEXT`,
    `CREATE TABLE retention (
      organization_id INTEGER PRIMARY KEY REFERENCES organizations(id), settings TEXT, due_at TEXT NOT NULL,
      artifacts_up_to TEXT)`,
    `CREATE TABLE removed_files (key TEXT PRIMARY KEY, due_at TEXT NOT NULL)`,
    `CREATE INDEX removed_files_by_time ON removed_files (due_at)`,
    // The run may be gone before its carrier has answered, so there is no foreign key.
    `CREATE TABLE unwanted_recordings (
      run_id INTEGER PRIMARY KEY, organization_id INTEGER NOT NULL, telephony_configuration_id INTEGER NOT NULL,
      url TEXT NOT NULL, attempts INTEGER NOT NULL, next_attempt_at TEXT NOT NULL)`,
    `CREATE INDEX unwanted_recordings_by_time ON unwanted_recordings (next_attempt_at)`,
    // Without it, each run that is deleted or erased would scan all keys.
    `CREATE INDEX idempotency_keys_by_run ON idempotency_keys (run_id)`,
    `CREATE INDEX webhook_deliveries_with_body ON webhook_deliveries (organization_id, completed_at)
      WHERE status = 'succeeded' AND body <> ''`,
  ],
};
