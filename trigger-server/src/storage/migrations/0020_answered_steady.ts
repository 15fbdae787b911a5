import type { Migration } from './migration';

export const migration: Migration = {
  name: '0020_answered_steady',
  statements: () => [`ALTER TABLE runs ADD COLUMN answered_steady_at TEXT`],
};
