import type { Migration } from './migration';

export const migration: Migration = {
  name: '0054_queued_calls',
  statements: () => [
    `ALTER TABLE runs ADD COLUMN due_at TEXT`,
    `ALTER TABLE runs ADD COLUMN waiting_for TEXT`,
    `ALTER TABLE runs ADD COLUMN lane TEXT`,
    `ALTER TABLE runs ADD COLUMN expires_at TEXT`,
    `ALTER TABLE runs ADD COLUMN is_scheduled INTEGER NOT NULL DEFAULT 0`,
    `ALTER TABLE runs ADD COLUMN has_plan INTEGER NOT NULL DEFAULT 0`,
    `ALTER TABLE runs ADD COLUMN reference TEXT`,
    `ALTER TABLE runs ADD COLUMN metadata TEXT`,
    // A queued call takes no slot, and there may be a million of them.
    `DROP INDEX runs_unfinished`,
    `CREATE INDEX runs_unfinished ON runs (organization_id) WHERE completed_at IS NULL AND due_at IS NULL`,
    `CREATE INDEX runs_queued ON runs (lane, due_at, id) WHERE due_at IS NOT NULL`,
    `CREATE INDEX runs_queued_to_number ON runs (called_number, organization_id) WHERE due_at IS NOT NULL`,
    `CREATE INDEX runs_to_expire ON runs (expires_at) WHERE due_at IS NOT NULL AND expires_at IS NOT NULL`,
    `CREATE INDEX runs_by_reference ON runs (organization_id, reference) WHERE reference IS NOT NULL`,
    `CREATE TABLE call_plans (
      run_id INTEGER PRIMARY KEY REFERENCES runs(id), request TEXT NOT NULL, schedule TEXT NOT NULL,
      revision INTEGER NOT NULL DEFAULT 0)`,
    `CREATE TABLE queue_lanes (lane TEXT PRIMARY KEY, taken_at TEXT NOT NULL)`,
    `CREATE TABLE account_turns (configuration_id INTEGER PRIMARY KEY, free_at TEXT NOT NULL)`,
  ],
};
