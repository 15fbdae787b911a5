import type { Migration } from './migration';

export const migration: Migration = {
  name: '0045_commit_marks',
  // Only a connection to PostgreSQL can break while a transaction is committed. SQLite has the table for the copy.
  statements: () => [
    `CREATE TABLE commit_marks (id TEXT PRIMARY KEY, token TEXT NOT NULL, used_at INTEGER NOT NULL)`,
  ],
};
