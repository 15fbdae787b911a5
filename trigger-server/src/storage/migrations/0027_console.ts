import type { Migration } from './migration';

export const migration: Migration = {
  name: '0027_console',
  statements: () => [
    `CREATE TABLE sign_in_links (
      hash TEXT PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users(id), expires_at TEXT NOT NULL)`,
  ],
};
