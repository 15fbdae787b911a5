import type { Migration } from './migration';

export const migration: Migration = {
  name: '0030_verified_accounts',
  statements: () => [`ALTER TABLE telephony_configurations ADD COLUMN verification TEXT`],
};
