/** What to do with a backup. One text, so that no place forgets the files beside the database. */
import { basename } from 'node:path';

/**
 * @param file the database that the backup replaces.
 * @returns a sentence for people. After a crash, the `-wal` file holds writes of the old database: SQLite would add them to
 *   the restored one, which damages it (https://www.sqlite.org/howtocorrupt.html, section 1.4).
 */
export function restoreSteps(file: string): string {
  const name = basename(file);
  return `Stop the server, move ${name}, ${name}-wal and ${name}-shm away, and put the backup in their place.`;
}
