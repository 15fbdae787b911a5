import type { Migration } from './migration';

export const migration: Migration = {
  name: '0014_sessions',
  statements: () => [
    `CREATE TABLE sessions (
      id TEXT PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users(id), created_at TEXT NOT NULL,
      last_seen_at TEXT NOT NULL)`,
    `CREATE INDEX sessions_by_user ON sessions (user_id)`,
  ],
};
