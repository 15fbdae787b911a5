import type { Migration } from './migration';

export const migration: Migration = {
  name: '0012_secrets_canaries',
  statements: () => [`CREATE TABLE secrets_canaries (sealed TEXT NOT NULL)`],
};
