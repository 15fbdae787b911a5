import type { Migration } from './migration';

export const migration: Migration = {
  name: '0052_campaign_files',
  statements: (id) => [
    `CREATE TABLE campaign_files (
      id ${id}, organization_id INTEGER NOT NULL REFERENCES organizations(id), file_key TEXT NOT NULL UNIQUE,
      largest_bytes INTEGER NOT NULL, state TEXT NOT NULL, header TEXT, total_rows INTEGER NOT NULL DEFAULT 0,
      skipped_rows INTEGER NOT NULL DEFAULT 0, created_at TEXT NOT NULL, unused_until TEXT)`,
    `CREATE INDEX campaign_files_unused ON campaign_files (unused_until) WHERE unused_until IS NOT NULL`,
    `CREATE TABLE campaign_rows (
      file_id INTEGER NOT NULL REFERENCES campaign_files(id), line INTEGER NOT NULL, called_number TEXT,
      cells TEXT NOT NULL, skip_code TEXT, skip_detail TEXT, PRIMARY KEY (file_id, line))`,
    `CREATE INDEX campaign_rows_skipped ON campaign_rows (file_id, line) WHERE skip_code IS NOT NULL`,
    `CREATE INDEX campaign_rows_by_number ON campaign_rows (called_number, file_id) WHERE called_number IS NOT NULL`,
  ],
};
