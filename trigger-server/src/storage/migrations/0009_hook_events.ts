import type { Migration } from './migration';

export const migration: Migration = {
  name: '0009_hook_events',
  statements: () => [
    // SQLite updates the index hooks_once with the new column name.
    `ALTER TABLE hooks RENAME COLUMN event TO events`,
    `UPDATE hooks SET events = '["' || events || '"]'`,
    `CREATE TABLE hook_tests (
      organization_id INTEGER PRIMARY KEY REFERENCES organizations(id), tested_at TEXT NOT NULL)`,
  ],
};
