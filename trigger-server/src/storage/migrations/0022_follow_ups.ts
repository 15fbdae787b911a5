import type { Migration } from './migration';

export const migration: Migration = {
  name: '0022_follow_ups',
  statements: () => [
    `ALTER TABLE runs ADD COLUMN follow_up_at TEXT`,
    // Before, who followed a call up was known to a process that has ended: each is looked after once.
    `UPDATE runs SET follow_up_at = created_at WHERE completed_at IS NULL`,
    `CREATE INDEX runs_to_follow_up ON runs (follow_up_at)
      WHERE completed_at IS NULL AND follow_up_at IS NOT NULL`,
  ],
};
