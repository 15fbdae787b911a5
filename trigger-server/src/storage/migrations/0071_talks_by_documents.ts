import type { Migration } from './migration';

/** What a carrier reports of a conversation is kept, so that any process can go on with its turn, or end it. */
export const migration: Migration = {
  name: '0071_talks_by_documents',
  statements: () => [
    `ALTER TABLE talks ADD COLUMN heard TEXT`,
    `ALTER TABLE talks ADD COLUMN end_report TEXT`,
  ],
};
