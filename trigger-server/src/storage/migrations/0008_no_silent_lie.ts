import type { Migration } from './migration';

export const migration: Migration = {
  name: '0008_no_silent_lie',
  statements: () => [
    `ALTER TABLE runs ADD COLUMN reason TEXT`,
    `ALTER TABLE runs ADD COLUMN fallback_from TEXT`,
    `ALTER TABLE runs ADD COLUMN ignored_fields TEXT`,
    `ALTER TABLE runs ADD COLUMN unresolved_variables TEXT`,
    // Null in existing rows: for those the definition itself is read.
    `ALTER TABLE definitions ADD COLUMN needed_variables TEXT`,
  ],
};
