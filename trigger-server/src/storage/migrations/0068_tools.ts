import type { Migration } from './migration';

export const migration: Migration = {
  name: '0068_tools',
  statements: (id) => [
    // A list of names reads only the columns before the definition, which may be large.
    `CREATE TABLE tools (
      id ${id}, uuid TEXT NOT NULL UNIQUE, organization_id INTEGER NOT NULL REFERENCES organizations(id),
      name TEXT NOT NULL, description TEXT, category TEXT NOT NULL, icon TEXT NOT NULL, icon_color TEXT NOT NULL,
      status TEXT NOT NULL, created_by INTEGER, created_at TEXT NOT NULL, updated_at TEXT, definition TEXT NOT NULL)`,
    `CREATE INDEX tools_of_organization ON tools (organization_id, status)`,
  ],
};
