import type { Migration } from './migration';

export const migration: Migration = {
  name: '0023_processes',
  statements: () => [
    `CREATE TABLE processes (id TEXT PRIMARY KEY, started_at TEXT NOT NULL, heartbeat_at TEXT NOT NULL)`,
    `ALTER TABLE runs ADD COLUMN owner TEXT`,
    // The process that dialled these has ended: whether the carrier has the call is not known.
    `UPDATE runs SET dial_outcome = 'unknown' WHERE dial_outcome IS NULL`,
    `CREATE INDEX runs_being_dialled ON runs (owner) WHERE dial_outcome IS NULL`,
  ],
};
