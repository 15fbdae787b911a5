import type { Migration } from './migration';

export const migration: Migration = {
  name: '0038_leases',
  statements: () => [
    `CREATE TABLE leases (name TEXT PRIMARY KEY, owner TEXT NOT NULL, expires_at TEXT NOT NULL, note TEXT NOT NULL)`,
  ],
};
