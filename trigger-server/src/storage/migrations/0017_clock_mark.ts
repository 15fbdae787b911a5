import type { Migration } from './migration';

export const migration: Migration = {
  name: '0017_clock_mark',
  statements: () => [
    `ALTER TABLE clock ADD COLUMN wall_milliseconds INTEGER NOT NULL DEFAULT 0`,
    `ALTER TABLE clock ADD COLUMN monotonic_milliseconds INTEGER NOT NULL DEFAULT 0`,
    `ALTER TABLE clock ADD COLUMN boot TEXT`,
  ],
};
