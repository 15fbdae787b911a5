import type { Migration } from './migration';

export const migration: Migration = {
  name: '0003_usage',
  statements: () => [
    // The total of a list, incremented by the transaction that inserts a run, because counting a million rows is too
    // slow.
    `ALTER TABLE agents ADD COLUMN run_count INTEGER NOT NULL DEFAULT 0`,
    `UPDATE agents SET run_count = (SELECT count(*) FROM runs WHERE runs.agent_id = agents.id)`,
    // One index per list, in the list's order, so that pages, date ranges and slices are index seeks.
    `DROP INDEX runs_by_agent`,
    `CREATE INDEX runs_by_agent ON runs (agent_id, created_at, id)`,
    `CREATE INDEX runs_by_organization ON runs (organization_id, created_at, id)`,
    `CREATE TABLE disposition_codes (
      organization_id INTEGER NOT NULL REFERENCES organizations(id), code TEXT NOT NULL,
      PRIMARY KEY (organization_id, code))`,
    `INSERT INTO disposition_codes (organization_id, code)
      SELECT DISTINCT organization_id, disposition FROM runs WHERE disposition IS NOT NULL`,
  ],
};
