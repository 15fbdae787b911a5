/** The space in a SQLite file that deleted rows have freed. New rows use it first. */
import { statSync } from 'node:fs';
import Libsql from 'libsql';
import type { Connection } from './connection';

/** A page has 4 kB. Moving so many takes a few milliseconds. */
const pagesAtOnce = 256;
/** Less than this, and less than a quarter of the file, is kept for new rows. */
const keptPages = 1000;

/** @see Storage.tidyUp */
export function tidyUp(connection: Connection): boolean {
  const isMuch = () => {
    const free = connection.number('freelist_count');
    return free > keptPages && free > connection.number('page_count') / 4;
  };
  const before = connection.number('freelist_count');
  if (isMuch()) connection.control(`PRAGMA incremental_vacuum(${String(pagesAtOnce)})`);
  // A copy of a page from before a deletion stays in the journal until the journal begins anew.
  connection.control('PRAGMA wal_checkpoint(TRUNCATE)');
  // In a file from before `auto_vacuum`, nothing changes.
  return connection.number('freelist_count') < before && isMuch();
}

/**
 * Writes the file anew without its free space, and lets it give back space later. Nothing else may use the file.
 * @returns its size before and after, in bytes.
 */
export function vacuum(file: string): { before: number; after: number } {
  const before = statSync(file).size;
  const database = new Libsql(file);
  try {
    database.pragma('auto_vacuum = INCREMENTAL');
    database.exec('VACUUM');
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } finally {
    database.close();
  }
  return { before, after: statSync(file).size };
}
