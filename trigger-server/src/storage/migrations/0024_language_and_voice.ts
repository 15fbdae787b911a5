import type { Migration } from './migration';

export const migration: Migration = {
  name: '0024_language_and_voice',
  statements: () => [`ALTER TABLE runs ADD COLUMN language TEXT`, `ALTER TABLE runs ADD COLUMN voice TEXT`],
};
