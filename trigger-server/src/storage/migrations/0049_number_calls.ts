import type { Migration } from './migration';

export const migration: Migration = {
  name: '0049_number_calls',
  statements: (id) => [
    `CREATE TABLE number_calls (
      id ${id}, organization_id INTEGER NOT NULL REFERENCES organizations(id), number TEXT NOT NULL,
      run_id INTEGER NOT NULL REFERENCES runs(id), at TEXT NOT NULL)`,
    `CREATE INDEX number_calls_to_number ON number_calls (organization_id, number, at)`,
    `CREATE INDEX number_calls_of_run ON number_calls (run_id)`,
  ],
};
