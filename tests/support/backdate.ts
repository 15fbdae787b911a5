/** Simulates passing time for a server in a separate process, whose clock a test cannot move. */
import Libsql from 'libsql';

/** Moves the start of one call back, as if it had waited since then. */
export function backdateStart(databaseFile: string, runId: number, minutes: number): void {
  change(
    databaseFile,
    `UPDATE runs SET created_at = ${earlier('created_at', minutes)} WHERE id = ${String(runId)}`,
  );
}

/** Moves the timestamps of all calls, campaigns and idempotency keys of a database back. */
export function backdate(databaseFile: string, minutes: number): void {
  const back = (column: string) => `${column} = ${earlier(column, minutes)}`;
  change(
    databaseFile,
    `UPDATE runs SET ${back('created_at')}, ${back('completed_at')};
    UPDATE campaigns SET ${back('created_at')};
    UPDATE idempotency_keys SET ${back('expires_at')};`,
  );
}

function earlier(column: string, minutes: number): string {
  return `strftime('%Y-%m-%dT%H:%M:%fZ', ${column}, '-${String(minutes)} minutes')`;
}

function change(databaseFile: string, statements: string): void {
  const database = new Libsql(databaseFile);
  database.pragma('busy_timeout = 5000');
  database.exec(statements);
  database.close();
}
