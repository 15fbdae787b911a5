/** A server does not start on a database that it cannot use: it says why, and leaves the database unchanged. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Libsql from 'libsql';
import { openSqlite } from '../../../trigger-server/src/storage/sqlite/open';
import { database as fixture } from '../../support/fixture-8d8c49d';
import { startServerProcess } from '../../support/server-process';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unfit-'));
  file = join(folder, 'trigger.db');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('a database that a newer version has changed', async () => {
  await openSqlite(file).close();
  const database = new Libsql(file);
  database.exec("INSERT INTO schema_migrations VALUES ('9999_of_tomorrow', 'then')");
  database.close();
  await expect(startServerProcess({ DATABASE_URL: `file:${file}` })).rejects.toThrow(
    /The server did not start: The database .* was changed by a newer version .*9999_of_tomorrow.* Start the newer version again/,
  );
});

test('a file that is not a database', () => {
  const text = 'These are the minutes of a meeting. '.repeat(200);
  writeFileSync(file, text);
  expect(() => openSqlite(file)).toThrow(/is damaged, or is no database.*move .*-wal and .*-shm away/);
  expect(readFileSync(file, 'utf8')).toBe(text);
});

test('a database whose pages were overwritten', () => {
  copyFileSync(fixture, file);
  const bytes = readFileSync(file);
  bytes.fill(7, 4096);
  writeFileSync(file, bytes);
  expect(() => openSqlite(file)).toThrow(/is damaged, or is no database.*admin -- doctor/);
});
