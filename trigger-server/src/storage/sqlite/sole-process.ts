/**
 * One server process for each SQLite file: two would both ring the same phones. The lock is SQLite's own, on a file beside
 * the database, so the system frees it when the process ends, however it ends.
 */
import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Libsql from 'libsql';
import type { Clock } from '../../clock';
import { makePrivateFile, makePrivateFolder } from '../../private-files';
import { isBusy } from './failures';

const pauseMilliseconds = 100;

/** Where the lock of a database is: one place, by whichever link the database is reached. */
export function lockBeside(databaseFile: string): string {
  const folder = realpathSync(dirname(databaseFile));
  try {
    return `${realpathSync(databaseFile)}.lock`;
  } catch {
    // There is no database yet.
    return `${join(folder, basename(databaseFile))}.lock`;
  }
}

/**
 * Waits until no other process holds the database, and holds it from then on.
 * @param patienceMilliseconds how long it waits for the one before, which may be finishing its calls.
 * @param onWait called once, when there is something to wait for.
 * @returns lets go. It must be kept for as long as the lock shall hold.
 * @throws Error in words when the other process goes on.
 */
export async function holdDatabase(
  databaseFile: string,
  { clock, patienceMilliseconds, onWait }: { clock: Clock; patienceMilliseconds: number; onWait: () => void },
): Promise<() => void> {
  makePrivateFolder(dirname(databaseFile));
  const lock = lockBeside(databaseFile);
  const giveUpAt = clock.steady().getTime() + patienceMilliseconds;
  for (let isFirst = true; ; isFirst = false) {
    const release = tryToHold(lock);
    if (release !== null) return release;
    if (clock.steady().getTime() >= giveUpAt) {
      throw new Error(
        `Another server process uses the database ${databaseFile} and has not ended within ${String(patienceMilliseconds / 1000)} s. ` +
          'Two would both place the same calls. Stop the other one first, or name another file in DATABASE_URL.',
      );
    }
    if (isFirst) onWait();
    await new Promise<void>((resolve) => clock.after(pauseMilliseconds, resolve));
  }
}

/** Null while another process has it. */
function tryToHold(lock: string): (() => void) | null {
  makePrivateFile(lock);
  const database = new Libsql(lock, { timeout: 0 });
  try {
    // Nothing is ever written to it, so it needs no journal.
    database.pragma('journal_mode = MEMORY');
    database.exec('BEGIN EXCLUSIVE');
    return () => {
      // libsql keeps a closed connection's locks until it is collected.
      database.exec('ROLLBACK');
      database.close();
    };
  } catch (error) {
    database.close();
    if (isBusy(error)) return null;
    throw error;
  }
}
