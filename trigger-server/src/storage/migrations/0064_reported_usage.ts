import type { Migration } from './migration';

export const migration: Migration = {
  name: '0064_reported_usage',
  statements: () => [`ALTER TABLE runs ADD COLUMN reported_usage TEXT`],
};
