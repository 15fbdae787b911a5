import type { Migration } from './migration';

export const migration: Migration = {
  name: '0036_open_run_counts',
  statements: () => [
    `ALTER TABLE organizations ADD COLUMN open_run_count INTEGER NOT NULL DEFAULT 0`,
    `UPDATE organizations SET open_run_count =
      (SELECT count(*) FROM runs WHERE runs.organization_id = organizations.id AND runs.completed_at IS NULL)`,
  ],
};
