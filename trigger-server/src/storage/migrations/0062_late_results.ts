import type { Migration } from './migration';

/** Ended calls at another server whose transcript was not there yet. */
export const migration: Migration = {
  name: '0062_late_results',
  statements: () => [
    `CREATE TABLE late_results (
      run_id INTEGER PRIMARY KEY REFERENCES runs(id) ON DELETE CASCADE, attempt INTEGER NOT NULL,
      tries INTEGER NOT NULL, next_try_at TEXT NOT NULL)`,
    `CREATE INDEX late_results_by_time ON late_results (next_try_at)`,
  ],
};
