import type { Migration } from './migration';

/** Values are extracted while a conversation goes on; and an agent talks that was published with a model. */
export const migration: Migration = {
  name: '0070_talks_by_default',
  statements: () => [
    `ALTER TABLE talks ADD COLUMN values_claim TEXT`,
    `ALTER TABLE talks ADD COLUMN values_claimed_by TEXT`,
    `ALTER TABLE talks ADD COLUMN values_claimed_until TEXT`,
    // Versions that were published before go on announcing.
    `ALTER TABLE definitions ADD COLUMN had_model INTEGER NOT NULL DEFAULT 0`,
  ],
};
