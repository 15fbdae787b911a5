/**
 * The database of a server that has just been started, made once for a whole run of Jest. Two thousand tests start a
 * server on a copy of it: to make each database by all migrations would take a minute of the run.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqlite } from '../../trigger-server/src/storage/sqlite/open';

/** Names the file to the workers of Jest, which take over the environment. */
const variable = 'EMPTY_DATABASE';

/** Jest's `globalSetup`. The database is removed as Jest ends. */
export default async function makeEmptyDatabase(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'empty-database-'));
  const file = join(folder, 'trigger.db');
  await openSqlite(file).close();
  process.env[variable] = file;
  process.once('exit', () => {
    rmSync(folder, { recursive: true, force: true });
  });
}

/** The database's file, or undefined where Jest has made none. */
export function emptyDatabase(): string | undefined {
  return process.env[variable];
}
