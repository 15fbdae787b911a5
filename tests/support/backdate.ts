/** Time that passes for a server in a process of its own, whose clock nobody can move. */
import Libsql from 'libsql';

/** Moves all calls and idempotency keys of a database back, as if so much time had passed since. */
export function backdate(databaseFile: string, minutes: number): void {
  const database = new Libsql(databaseFile);
  const earlier = (column: string) =>
    `strftime('%Y-%m-%dT%H:%M:%fZ', ${column}, '-${String(minutes)} minutes')`;
  database.pragma('busy_timeout = 5000');
  database.exec(`
    UPDATE runs SET created_at = ${earlier('created_at')}, completed_at = ${earlier('completed_at')};
    UPDATE idempotency_keys SET expires_at = ${earlier('expires_at')};`);
  database.close();
}
