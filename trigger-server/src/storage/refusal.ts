/**
 * SQLite's words for a request that it did not take, and that it may take later: another program holds the file, the disk
 * is full, cannot be read or cannot be written, there is no memory. https://www.sqlite.org/rescode.html
 */
const refusals = /^SQLITE_(?:BUSY|LOCKED|FULL|IOERR|READONLY|CANTOPEN|NOMEM)(?:_|$)/;

/** Whether a read or a write failed without having changed anything, because of something that may pass. */
export function isRefusal(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && refusals.test(code);
}
