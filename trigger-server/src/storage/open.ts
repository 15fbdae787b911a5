/** Opens the database that `DATABASE_URL` names. */
import type { DatabaseAddress } from '../config';
import type { Storage } from './port';
import { openPostgres } from './postgres/open';
import { openSqlite } from './sqlite/open';
import type { NoteTime } from './timing';

interface OpenOptions {
  /** Whether the database may be created and migrated to this version's schema; otherwise it must have that schema. */
  migrate?: boolean;
  /** SQLite: called once when the file is found damaged, now or later. */
  onDamage?: (damage: Error) => void;
  /** PostgreSQL: called when an idle connection breaks. The next query opens another one. */
  onLost?: (error: Error) => void;
  /** PostgreSQL: called when processes could not be woken, or this one cannot be. Their rounds find the work. */
  onWakeFailure?: (error: unknown) => void;
  /** Called with the time that work on the database took. */
  noteTime?: NoteTime;
}

/** @throws Error with a text for people when the database is not there, damaged or of another version. */
export async function openDatabase(address: DatabaseAddress, options: OpenOptions = {}): Promise<Storage> {
  return address.kind === 'sqlite'
    ? openSqlite(address.file, options)
    : await openPostgres(address.url, options);
}
