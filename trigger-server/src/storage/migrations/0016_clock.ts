import type { Migration } from './migration';

export const migration: Migration = {
  name: '0016_clock',
  statements: () => [
    `CREATE TABLE clock (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      jumped_milliseconds INTEGER NOT NULL
        )`,
  ],
};
