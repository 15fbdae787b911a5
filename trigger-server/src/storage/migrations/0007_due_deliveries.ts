import type { Migration } from './migration';

export const migration: Migration = {
  name: '0007_due_deliveries',
  statements: () => [
    // Receivers take turns by name, and are due by time. One index of both would be gone through from name to name,
    // past every receiver that nothing is due for. So what is due is noted first, which one index finds by time,
    // and taken from another one that holds nothing else.
    `ALTER TABLE webhook_deliveries ADD COLUMN is_due INTEGER NOT NULL DEFAULT 0`,
    `DROP INDEX webhook_deliveries_pending`,
    `CREATE INDEX webhook_deliveries_waiting ON webhook_deliveries (next_attempt_at)
      WHERE status = 'pending' AND is_due = 0`,
    `CREATE INDEX webhook_deliveries_due ON webhook_deliveries (receiver, next_attempt_at)
      WHERE status = 'pending' AND is_due = 1`,
  ],
};
