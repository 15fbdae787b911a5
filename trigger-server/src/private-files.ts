/** Makes files and folders private to the server's own user, because they hold calls, credentials and recordings. */
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
 * Creates the file if missing, or makes an existing one private. (An existing file is not opened, because closing it
 * would drop the locks that SQLite holds on it in this process.)
 */
export function makePrivateFile(file: string): void {
  if (existsSync(file)) close(file, fileMode);
  else closeSync(openSync(file, 'a', fileMode));
}

/** Makes the file private, if it exists. */
export function closeFile(file: string): void {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() === true) close(file, fileMode);
}

/**
 * Creates the folder if missing, or makes an existing one private if only the server uses it. A folder with other
 * folders in it (a checkout, `/var/lib`, `/tmp`) has other users and stays as it is.
 * @param ownFolders names of the server's folders in it.
 */
export function makePrivateFolder(folder: string, ownFolders: readonly string[] = ['artifacts']): void {
  mkdirSync(folder, { recursive: true, mode: folderMode });
  const foreign = readdirSync(folder).filter((name) => !ownFolders.includes(name));
  const isShared = foreign.some((name) =>
    lstatSync(join(folder, name), { throwIfNoEntry: false })?.isDirectory(),
  );
  if (!isShared) close(folder, folderMode);
}

/** The existing files and folders among `paths` that others may read or write, with their mode. */
export function listOpenToOthers(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
    return (mode & openToOthers) === 0 ? [] : `${path} (mode ${(mode & 0o777).toString(8)})`;
  });
}

/** Only the owner can change the mode. Files of another owner stay as they are; `listOpenToOthers` names them. */
function close(path: string, mode: number): void {
  if ((statSync(path).mode & openToOthers) === 0) return;
  try {
    chmodSync(path, mode);
  } catch (error) {
    if (!cannotClose.has(codeOf(error))) throw error;
  }
}

/** A file of another owner, a read-only file system, or one without modes. */
const cannotClose = new Set(['EPERM', 'EROFS', 'ENOTSUP', 'ENOSYS']);

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}
