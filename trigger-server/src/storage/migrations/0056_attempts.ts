import type { Migration } from './migration';

export const migration: Migration = {
  name: '0056_attempts',
  statements: () => [
    `ALTER TABLE runs ADD COLUMN attempt INTEGER NOT NULL DEFAULT 1`,
    `ALTER TABLE runs ADD COLUMN dialled_at TEXT`,
    // The call of an unknown dial is searched for among those that were dialled at about the same time.
    `CREATE INDEX runs_dialled ON runs (organization_id, dialled_at) WHERE dialled_at IS NOT NULL`,
    `CREATE TABLE attempts (
      run_id INTEGER NOT NULL REFERENCES runs(id), number INTEGER NOT NULL, mode TEXT NOT NULL,
      telephony_configuration_id INTEGER NOT NULL, caller_number TEXT, call_id TEXT, dial_outcome TEXT,
      status TEXT NOT NULL, disposition TEXT, reason TEXT, started_at TEXT NOT NULL, ended_at TEXT NOT NULL,
      PRIMARY KEY (run_id, number))`,
  ],
};
