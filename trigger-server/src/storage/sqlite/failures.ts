/** Translates SQLite's errors into those of the port, by their codes: https://www.sqlite.org/rescode.html */
import { DamagedDatabase, DatabaseRefusal, UniqueViolation } from '../port';
import { restoreSteps } from './restore';

const uniqueViolations = /^SQLITE_CONSTRAINT_(?:UNIQUE|PRIMARYKEY)$/;
/** The file is locked, the disk is full, unreadable or read-only, or there is no memory. */
const refusals = /^SQLITE_(?:BUSY|LOCKED|FULL|IOERR|READONLY|CANTOPEN|NOMEM)(?:_|$)/;
/** The file is damaged, or is not a database. */
const damages = /^SQLITE_(?:CORRUPT|NOTADB)(?:_|$)/;
/** Includes extended codes, such as SQLITE_BUSY_RECOVERY after a crash of another program. */
const busy = /^SQLITE_BUSY(?:_|$)/;

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : '';
}

/** @param file named in the message about damage. @returns the error of the port; any other error unchanged. */
export function toPortError(error: unknown, file: string): unknown {
  if (!(error instanceof Error)) return error;
  const code = codeOf(error);
  if (uniqueViolations.test(code)) return new UniqueViolation(error.message, error);
  if (refusals.test(code)) return new DatabaseRefusal(error.message, error);
  return isDamage(error) ? new DamagedDatabase(damageMessage(file, error), error) : error;
}

/** The message for the operator. */
function damageMessage(file: string, cause: Error): string {
  return (
    `The database ${file} is damaged, or is no database: ${cause.message}. ` +
    `\`npm run admin -- doctor\` looks through it. ${restoreSteps(file)}`
  );
}

export function isDamage(error: unknown): error is Error {
  return error instanceof Error && damages.test(codeOf(error));
}

/** Whether another connection has locked the file, from SQLite's own error or its translation. */
export function isBusy(error: unknown): boolean {
  return error instanceof Error && busy.test(codeOf(error));
}
