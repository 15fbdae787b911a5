import type { Migration } from './migration';

export const migration: Migration = {
  name: '0028_ringing_steady',
  statements: () => [`ALTER TABLE runs ADD COLUMN ringing_steady_at TEXT`],
};
