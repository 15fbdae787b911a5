/** Translates PostgreSQL's errors into those of the port, by their codes: https://www.postgresql.org/docs/current/errcodes-appendix.html */
import { DamagedDatabase, DatabaseRefusal, UniqueViolation } from '../port';

const uniqueViolation = '23505';
/** The statement took too long (`statement_timeout`). It would again. */
const canceled = '57014';
/**
 * The connection broke (08), the server has no room for more (53), it stops or starts (57P01 to 57P03), it became a standby
 * (25006), two transactions were in each other's way (40), a lock was waited for too long (55P03), or this process was
 * paused in the middle of a write (25P03).
 */
const passingStates = /^(?:08|53|40)|^57P0[123]$|^25006$|^55P03$|^25P03$/;
const damagedStates = /^XX00[12]$/;
const passingSystemErrors = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
]);
/** The driver's own errors for a lost connection have no code. */
const lostConnection =
  /^(?:Query read timeout|Connection terminated|Connection ended|timeout exceeded when trying to connect|Client has encountered a connection error)/;

/**
 * A newer server has changed a table, and the statement was prepared before. It has no code of its own. A connection with
 * such a failure is not used again, and a new one prepares the statement anew.
 */
const preparedBeforeMigration = /^cached plan must not change result type/;

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : '';
}

/** Whether a reply did not arrive in time (`query_timeout`). */
export function isSilence(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('Query read timeout');
}

/** Whether the error of the port says that the statement itself took too long. */
export function isTooSlow(error: unknown): boolean {
  return error instanceof DatabaseRefusal && error.code === canceled;
}

/** Whether the connection is gone, so that nobody knows what became of a statement under way. */
export function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = codeOf(error);
  return (
    /^08|^57P0[123]$|^25P03$/.test(code) ||
    passingSystemErrors.has(code) ||
    lostConnection.test(error.message)
  );
}

/** Whether the same statements may succeed a moment later. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    passingStates.test(codeOf(error)) ||
    preparedBeforeMigration.test(error.message) ||
    isConnectionLost(error)
  );
}

/** @returns the error of the port; any other error unchanged. */
export function toPortError(error: unknown): unknown {
  // An `UnknownCommit` has the code of its cause, and must not become a refusal, which says that nothing was changed.
  if (!(error instanceof Error) || error instanceof DatabaseRefusal) return error;
  const code = codeOf(error);
  if (code === uniqueViolation) return new UniqueViolation(error.message, error);
  if (damagedStates.test(code)) {
    return new DamagedDatabase(
      `PostgreSQL found its data damaged: ${error.message}. Stop the server and restore your backup.`,
      error,
    );
  }
  return isPassing(error) || code === canceled
    ? new DatabaseRefusal(`The database refused or did not answer: ${error.message}`, error)
    : error;
}
