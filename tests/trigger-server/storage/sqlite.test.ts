import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
