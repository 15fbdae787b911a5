import type { Migration } from './migration';

export const migration: Migration = {
  name: '0057_earlier_seconds',
  statements: () => [`ALTER TABLE runs ADD COLUMN earlier_seconds INTEGER NOT NULL DEFAULT 0`],
};
