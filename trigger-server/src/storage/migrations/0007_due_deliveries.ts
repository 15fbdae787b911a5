import type { Migration } from './migration';

export const migration: Migration = {
  name: '0007_due_deliveries',
  statements: () => [
    // Deliveries are due by time, but receivers take turns by name. An index of both would be scanned past every
    // receiver without due deliveries. So one index finds deliveries that became due, which are marked, and a second
    // index holds only marked deliveries, by receiver.
    `ALTER TABLE webhook_deliveries ADD COLUMN is_due INTEGER NOT NULL DEFAULT 0`,
    `DROP INDEX webhook_deliveries_pending`,
    `CREATE INDEX webhook_deliveries_waiting ON webhook_deliveries (next_attempt_at)
      WHERE status = 'pending' AND is_due = 0`,
    `CREATE INDEX webhook_deliveries_due ON webhook_deliveries (receiver, next_attempt_at)
      WHERE status = 'pending' AND is_due = 1`,
  ],
};
