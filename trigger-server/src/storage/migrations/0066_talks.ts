import type { Migration } from './migration';

/** Conversations, between two turns of which any process may take over. */
export const migration: Migration = {
  name: '0066_talks',
  statements: () => [
    `CREATE TABLE talks (
      run_id INTEGER NOT NULL REFERENCES runs(id), attempt INTEGER NOT NULL, turn INTEGER NOT NULL,
      state TEXT NOT NULL, extracted TEXT NOT NULL, pending TEXT NOT NULL, reply TEXT,
      claim TEXT, claimed_by TEXT, claimed_until TEXT, PRIMARY KEY (run_id, attempt))`,
  ],
};
