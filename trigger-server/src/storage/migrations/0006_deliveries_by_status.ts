import type { Migration } from './migration';

export const migration: Migration = {
  name: '0006_deliveries_by_status',
  statements: () => [
    // A list of one status, such as what failed, is else found by looking at every delivery.
    `CREATE INDEX webhook_deliveries_by_status ON webhook_deliveries (organization_id, status, id)`,
  ],
};
