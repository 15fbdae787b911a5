/** Only the server's own user can read calls, credentials and recordings. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Libsql from 'libsql';
import { openArtifactFolder } from '../../trigger-server/src/artifacts/folder';
import { openSqlite } from '../../trigger-server/src/storage/sqlite/open';
import { startServerProcess } from '../support/server-process';

let folder: string;
let data: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'private-files-'));
  data = join(folder, 'data');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

test('database, WAL, key and lock are 0600 and the folders 0700, also where they were open to all before', async () => {
  mkdirSync(join(data, 'artifacts'), { recursive: true });
  const file = join(data, 'trigger.db');
  const before = new Libsql(file);
  before.pragma('journal_mode = WAL');
  before.exec('CREATE TABLE something (id INTEGER)');
  writeFileSync(`${file}.key`, 'ab'.repeat(32));
  const files = ['', '-wal', '-shm', '.key'].map((end) => file + end);
  for (const path of files) chmodSync(path, 0o644);
  chmodSync(data, 0o755);
  chmodSync(join(data, 'artifacts'), 0o755);
  const server = await startServerProcess({ DATABASE_URL: `file:${file}` });
  try {
    for (const path of [...files, `${file}.lock`]) expect([path, modeOf(path)]).toEqual([path, '600']);
    for (const path of [data, join(data, 'artifacts')]) expect([path, modeOf(path)]).toEqual([path, '700']);
  } finally {
    await server.stop('SIGKILL');
    before.close();
  }
});

test('a new database and its WAL are 0600 whatever the umask, and their folder 0700', async () => {
  const file = join(data, 'trigger.db');
  const storage = openSqlite(file);
  expect([file, `${file}-wal`, `${file}-shm`].map(modeOf)).toEqual(['600', '600', '600']);
  expect(modeOf(data)).toBe('700');
  await storage.close();
});

test('the mode of a folder with other users stays, but the server’s files in it become private', async () => {
  mkdirSync(join(data, 'of-another-program'), { recursive: true });
  chmodSync(data, 0o755);
  const storage = openSqlite(join(data, 'trigger.db'));
  openArtifactFolder(data);
  expect(modeOf(data)).toBe('755');
  expect(modeOf(join(data, 'trigger.db'))).toBe('600');
  await storage.close();
});
