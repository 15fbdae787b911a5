/**
 * Allows only one server process per SQLite file, because two would both place the same calls. It uses SQLite's own
 * lock on a file beside the database, which the system releases however the process ends.
 */
import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Libsql from 'libsql';
import type { Clock } from '../../clock';
import { makePrivateFile, makePrivateFolder } from '../../private-files';
import { isBusy } from './failures';

const pauseMilliseconds = 100;

/** The path of a database's lock file: the same one through every symbolic link to the database. */
export function lockBeside(databaseFile: string): string {
  const folder = realpathSync(dirname(databaseFile));
  try {
    return `${realpathSync(databaseFile)}.lock`;
  } catch {
    // The database does not exist yet.
    return `${join(folder, basename(databaseFile))}.lock`;
  }
}

/**
 * Waits until no other process uses the database, then locks it.
 * @param maxWaitMilliseconds how long it waits for an earlier process, which may be finishing its calls.
 * @param onWait called once, if it has to wait.
 * @returns a function that releases the lock. Keep a reference to it: the lock ends when it is garbage-collected.
 * @throws Error with a text for people when the other process does not end in time.
 */
export async function holdDatabase(
  databaseFile: string,
  { clock, maxWaitMilliseconds, onWait }: { clock: Clock; maxWaitMilliseconds: number; onWait: () => void },
): Promise<() => void> {
  makePrivateFolder(dirname(databaseFile));
  const lock = lockBeside(databaseFile);
  const giveUpAt = clock.steady().getTime() + maxWaitMilliseconds;
  for (let isFirst = true; ; isFirst = false) {
    const release = tryToHold(lock);
    if (release !== null) return release;
    if (clock.steady().getTime() >= giveUpAt) {
      throw new Error(
        `Another server process uses the database ${databaseFile} and has not ended within ${String(maxWaitMilliseconds / 1000)} s. ` +
          'Two would both place the same calls. Stop the other one first, or name another file in DATABASE_URL.',
      );
    }
    if (isFirst) onWait();
    await new Promise<void>((resolve) => clock.after(pauseMilliseconds, resolve));
  }
}

/**
 * Locks an existing database, unless another process uses it. @returns as {@link holdDatabase}; null while another process
 * has the lock.
 */
export function holdDatabaseNow(databaseFile: string): (() => void) | null {
  return tryToHold(lockBeside(databaseFile));
}

/** Null while another process has the lock. */
function tryToHold(lock: string): (() => void) | null {
  makePrivateFile(lock);
  const database = new Libsql(lock, { timeout: 0 });
  try {
    // Nothing is ever written to the file, so it needs no journal.
    database.pragma('journal_mode = MEMORY');
    database.exec('BEGIN EXCLUSIVE');
    return () => {
      // libsql keeps the locks of a closed connection until it is garbage-collected.
      database.exec('ROLLBACK');
      database.close();
    };
  } catch (error) {
    database.close();
    if (isBusy(error)) return null;
    throw error;
  }
}
