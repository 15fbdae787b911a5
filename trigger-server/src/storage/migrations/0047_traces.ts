import type { Migration } from './migration';

export const migration: Migration = {
  name: '0047_traces',
  statements: () => [`ALTER TABLE runs ADD COLUMN trace TEXT`],
};
