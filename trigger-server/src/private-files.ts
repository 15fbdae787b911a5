/** Files and folders that only the server's own user reads: calls, credentials and recordings are in them. */
import {
  chmodSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';

const folderMode = 0o700;
const fileMode = 0o600;
const openToOthers = 0o077;

/**
 * Makes the file where there is none, and closes it to others where there is one. (One that is there is not opened: closing
 * a file again drops the locks that SQLite holds on it in this process.)
 */
export function makePrivateFile(file: string): void {
  if (existsSync(file)) close(file, fileMode);
  else closeSync(openSync(file, 'a', fileMode));
}

/** Closes the file to others, if there is one. */
export function closeFile(file: string): void {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() === true) close(file, fileMode);
}

/**
 * Makes the folder where there is none, and closes it to others where there is one, if it is the server's alone: one that
 * has other folders in it (a checkout, `/var/lib`, `/tmp`) is used by others, and is left as it is.
 * @param ownFolders names of the folders in it that are the server's.
 */
export function makePrivateFolder(folder: string, ownFolders: readonly string[] = ['artifacts']): void {
  mkdirSync(folder, { recursive: true, mode: folderMode });
  const foreign = readdirSync(folder).filter((name) => !ownFolders.includes(name));
  const isShared = foreign.some((name) =>
    lstatSync(join(folder, name), { throwIfNoEntry: false })?.isDirectory(),
  );
  if (!isShared) close(folder, folderMode);
}

/** Those of the files and folders that are there and that others may read or write, with their mode. */
export function listOpenToOthers(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
    return (mode & openToOthers) === 0 ? [] : `${path} (mode ${(mode & 0o777).toString(8)})`;
  });
}

/** Only the owner can; what belongs to somebody else is left, and `listOpenToOthers` names it. */
function close(path: string, mode: number): void {
  if ((statSync(path).mode & openToOthers) === 0) return;
  try {
    chmodSync(path, mode);
  } catch (error) {
    if (!cannotClose.has(codeOf(error))) throw error;
  }
}

/** Another's file, a file system that is read-only, one without modes. */
const cannotClose = new Set(['EPERM', 'EROFS', 'ENOTSUP', 'ENOSYS']);

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}
