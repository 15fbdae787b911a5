import type { Migration } from './migration';

/** What was heard is kept until its turn is computed, so that any process can compute it. */
export const migration: Migration = {
  name: '0071_talks_by_documents',
  statements: () => [`ALTER TABLE talks ADD COLUMN heard TEXT`],
};
