/**
 * The database of a new server, created once per run of Jest. Two thousand tests start a server on a copy of it;
 * running all migrations for each would take a minute.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqlite } from '../../trigger-server/src/storage/sqlite/open';

/** The environment variable that passes the file to Jest's workers. */
const variable = 'EMPTY_DATABASE';

/** Jest's `globalSetup`. The database is deleted when Jest ends. */
export default async function makeEmptyDatabase(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'empty-database-'));
  const file = join(folder, 'trigger.db');
  await openSqlite(file).close();
  process.env[variable] = file;
  process.once('exit', () => {
    rmSync(folder, { recursive: true, force: true });
  });
}

/** The file of the database; undefined outside Jest's global setup. */
export function emptyDatabase(): string | undefined {
  return process.env[variable];
}
