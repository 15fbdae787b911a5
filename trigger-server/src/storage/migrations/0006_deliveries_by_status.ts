import type { Migration } from './migration';

export const migration: Migration = {
  name: '0006_deliveries_by_status',
  statements: () => [
    // Without this index, a list of one status, such as failed deliveries, would scan every delivery.
    `CREATE INDEX webhook_deliveries_by_status ON webhook_deliveries (organization_id, status, id)`,
  ],
};
