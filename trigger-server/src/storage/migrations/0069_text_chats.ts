import type { Migration } from './migration';

/** Text chats, between two turns of which any process may take over. */
export const migration: Migration = {
  name: '0069_text_chats',
  statements: () => [
    `CREATE TABLE text_chats (
      run_id INTEGER PRIMARY KEY REFERENCES runs(id), revision INTEGER NOT NULL, chat TEXT NOT NULL,
      annotations TEXT NOT NULL, claim TEXT, claimed_by TEXT, claimed_until TEXT, idle_at TEXT, updated_at TEXT NOT NULL)`,
    `CREATE INDEX text_chats_idle ON text_chats (idle_at) WHERE idle_at IS NOT NULL`,
    // Open calls are counted by this index alone, and a text chat is none.
    `DROP INDEX runs_unfinished`,
    `CREATE INDEX runs_unfinished ON runs (organization_id, mode) WHERE completed_at IS NULL AND due_at IS NULL`,
  ],
};
