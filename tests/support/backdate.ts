/** Simulates passing time for a server in a separate process, whose clock a test cannot move. */
import Libsql from 'libsql';

/** Moves the timestamps of all calls, campaigns and idempotency keys of a database back. */
export function backdate(databaseFile: string, minutes: number): void {
  const database = new Libsql(databaseFile);
  const earlier = (column: string) =>
    `strftime('%Y-%m-%dT%H:%M:%fZ', ${column}, '-${String(minutes)} minutes')`;
  database.pragma('busy_timeout = 5000');
  database.exec(`
    UPDATE runs SET created_at = ${earlier('created_at')}, completed_at = ${earlier('completed_at')};
    UPDATE campaigns SET created_at = ${earlier('created_at')};
    UPDATE idempotency_keys SET expires_at = ${earlier('expires_at')};`);
  database.close();
}
