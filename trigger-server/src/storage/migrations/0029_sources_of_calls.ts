import type { Migration } from './migration';

export const migration: Migration = {
  name: '0029_sources_of_calls',
  statements: () => [
    `ALTER TABLE runs ADD COLUMN source TEXT`,
    `ALTER TABLE runs ADD COLUMN api_key_id INTEGER REFERENCES api_keys(id)`,
  ],
};
