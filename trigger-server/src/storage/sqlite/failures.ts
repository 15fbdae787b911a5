/** SQLite's errors in the words of the port, by their codes: https://www.sqlite.org/rescode.html */
import { DamagedDatabase, DatabaseRefusal, UniqueViolation } from '../port';

const taken = /^SQLITE_CONSTRAINT_(?:UNIQUE|PRIMARYKEY)$/;
/** Another program holds the file, the disk is full, cannot be read or cannot be written, there is no memory. */
const refusals = /^SQLITE_(?:BUSY|LOCKED|FULL|IOERR|READONLY|CANTOPEN|NOMEM)(?:_|$)/;
/** The file is damaged, or no database. */
const damages = /^SQLITE_(?:CORRUPT|NOTADB)(?:_|$)/;
/** With its extended codes, such as SQLITE_BUSY_RECOVERY after another program has crashed. */
const busy = /^SQLITE_BUSY(?:_|$)/;

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : '';
}

/** @param file is named where it is damaged. @returns the error of the port; one that it has no word for as it is. */
export function inWordsOfThePort(error: unknown, file: string): unknown {
  if (!(error instanceof Error)) return error;
  const code = codeOf(error);
  if (taken.test(code)) return new UniqueViolation(error.message, error);
  if (refusals.test(code)) return new DatabaseRefusal(error.message, error);
  return isDamage(error) ? new DamagedDatabase(damaged(file, error), error) : error;
}

/** For whoever runs the server. */
function damaged(file: string, cause: Error): string {
  return (
    `The database ${file} is damaged, or is no database: ${cause.message}. ` +
    '`npm run admin -- doctor` looks through it. Stop the server, move the file away together with its -wal and -shm files, and put your backup in its place.'
  );
}

export function isDamage(error: unknown): error is Error {
  return error instanceof Error && damages.test(codeOf(error));
}

/** Whether another connection holds the file: SQLite's own error, or the refusal that it became. */
export function isBusy(error: unknown): boolean {
  return error instanceof Error && busy.test(codeOf(error));
}
