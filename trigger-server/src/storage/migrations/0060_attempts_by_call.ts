import type { Migration } from './migration';

export const migration: Migration = {
  name: '0060_attempts_by_call',
  statements: () => [
    `CREATE INDEX attempts_by_call ON attempts (call_id) WHERE call_id IS NOT NULL`,
    // Outside their hours, calls of a campaign wait with a later due time, and still count as queued.
    `CREATE INDEX runs_queued_of_campaign ON runs (campaign_id, attempt) WHERE campaign_id IS NOT NULL AND due_at IS NOT NULL`,
  ],
};
