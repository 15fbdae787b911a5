import type { Migration } from './migration';

export const migration: Migration = {
  name: '0002_real_carriers',
  statements: () => [
    `ALTER TABLE organizations ADD COLUMN destination_policy TEXT`,
    // Existing runs have no deadline, so they are overdue at once: the watchdog asks their carriers about them.
    `ALTER TABLE runs ADD COLUMN deadline_at TEXT NOT NULL DEFAULT ''`,
    `ALTER TABLE runs ADD COLUMN cancel_requested_at TEXT`,
    `CREATE TABLE api_key_days (
      api_key_id INTEGER NOT NULL REFERENCES api_keys(id), day TEXT NOT NULL, calls INTEGER NOT NULL,
      PRIMARY KEY (api_key_id, day))`,
  ],
};
