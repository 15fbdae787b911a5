import type { Migration } from './migration';

export const migration: Migration = {
  name: '0021_several_callback_urls',
  statements: () => [
    // SQLite cannot change a primary key in place.
    `ALTER TABLE callback_urls RENAME TO single_callback_urls`,
    `CREATE TABLE callback_urls (
      run_id INTEGER NOT NULL REFERENCES runs(id), url TEXT NOT NULL, PRIMARY KEY (run_id, url))`,
    `INSERT INTO callback_urls (run_id, url) SELECT run_id, url FROM single_callback_urls`,
    `DROP TABLE single_callback_urls`,
  ],
};
