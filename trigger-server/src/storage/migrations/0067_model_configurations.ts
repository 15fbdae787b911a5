import type { Migration } from './migration';

/** Each organization may have a language model of its own; its configuration holds keys, so it is sealed. */
export const migration: Migration = {
  name: '0067_model_configurations',
  statements: (id) => [
    `CREATE TABLE model_configurations (
      id ${id}, organization_id INTEGER NOT NULL UNIQUE REFERENCES organizations(id),
      configuration TEXT NOT NULL, updated_at TEXT NOT NULL)`,
  ],
};
