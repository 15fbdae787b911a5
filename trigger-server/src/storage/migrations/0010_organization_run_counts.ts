import type { Migration } from './migration';

export const migration: Migration = {
  name: '0010_organization_run_counts',
  statements: () => [
    `ALTER TABLE organizations ADD COLUMN run_count INTEGER NOT NULL DEFAULT 0`,
    `UPDATE organizations SET run_count = coalesce(
      (SELECT sum(run_count) FROM agents WHERE agents.organization_id = organizations.id), 0)`,
  ],
};
