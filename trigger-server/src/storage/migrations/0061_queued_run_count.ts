import type { Migration } from './migration';

/** How many calls of an organization wait: their number has a limit, and counting them would cost each of them more. */
export const migration: Migration = {
  name: '0061_queued_run_count',
  statements: () => [
    `ALTER TABLE organizations ADD COLUMN queued_run_count INTEGER NOT NULL DEFAULT 0`,
    `UPDATE organizations SET queued_run_count = (
      SELECT count(*) FROM runs
      WHERE runs.organization_id = organizations.id AND due_at IS NOT NULL AND campaign_id IS NULL)
      WHERE id IN (SELECT organization_id FROM runs WHERE due_at IS NOT NULL)`,
  ],
};
