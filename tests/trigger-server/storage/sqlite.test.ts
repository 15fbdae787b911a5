import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Libsql from 'libsql';
import { isUniqueViolation, openSqlite } from '../../../trigger-server/src/storage/sqlite';
import { storageContract } from '../../contracts/storage';

storageContract('SQLite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'storage-'));
  return Promise.resolve({
    open: () => openSqlite(join(folder, 'data', 'test.db')),
    isUniqueViolation,
    remove: () => {
      rmSync(folder, { recursive: true });
      return Promise.resolve();
    },
  });
});

test('a write waits while another program holds the database, and is made when it lets go', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'storage-busy-'));
  const file = join(folder, 'test.db');
  const storage = openSqlite(file);
  const backup = new Libsql(file);
  backup.exec('BEGIN IMMEDIATE');
  const write = storage.write((session) =>
    session.run(
      session.builder
        .insertInto('organizations')
        .values({ name: 'A', concurrency_limit: 1, created_at: '2026-11-23T12:00:00.000Z' })
        .compile(),
    ),
  );
  // A look at the event loop: the process is not blocked meanwhile.
  await new Promise((resolve) => setImmediate(resolve));
  backup.exec('COMMIT');
  expect((await write).changes).toBe(1);
  backup.close();
  await storage.close();
  rmSync(folder, { recursive: true });
});
