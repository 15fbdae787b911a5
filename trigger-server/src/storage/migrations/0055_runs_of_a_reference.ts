import type { Migration } from './migration';

/** The runs of a reference in the order of their list, however many share it. */
export const migration: Migration = {
  name: '0055_runs_of_a_reference',
  statements: () => [
    `DROP INDEX runs_by_reference`,
    `CREATE INDEX runs_by_reference ON runs (organization_id, reference, created_at, id) WHERE reference IS NOT NULL`,
  ],
};
