/** A database that SQLite finds damaged. What it says from then on is not to be relied on, a key that it does not find least of all. */

/** Whether SQLite found the file damaged, or to be no database. https://www.sqlite.org/rescode.html */
export function isDamage(error: unknown): error is Error {
  return (
    error instanceof Error && 'code' in error && /^SQLITE_(?:CORRUPT|NOTADB)(?:_|$)/.test(String(error.code))
  );
}

/** The same in words, for whoever runs the server. */
export class DamagedDatabaseError extends Error {
  override readonly name = 'DamagedDatabaseError';
  readonly code: string;

  constructor(file: string, cause: Error) {
    super(
      `The database ${file} is damaged, or is no database: ${cause.message}. ` +
        '`npm run admin -- doctor` looks through it. Stop the server, move the file away together with its -wal and -shm files, and put your backup in its place.',
      { cause },
    );
    this.code = 'code' in cause ? String(cause.code) : '';
  }
}
