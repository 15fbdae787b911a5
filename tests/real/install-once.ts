/** Installs the programs of a real suite once, into a cache outside of the checkout, and announces it. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

export interface Installation {
  /** The folder below the cache of this project, with the version in its name. */
  folder: string;
  /** A description, such as `Node 24`. */
  what: string;
  /** On the disk, such as `190 MB`. */
  size: string;
}

/** Prints what will be installed, where, and its size. */
export function announce(what: string, where: string, size: string): void {
  process.stderr.write(`Installing ${what} into ${where} (about ${size}, once). This may take minutes.\n`);
}

/**
 * Of several processes that want the same, one installs it and the others wait.
 * @param fill fills an empty folder, which is renamed only when it is complete.
 * @returns the folder in the cache.
 */
export function installOnce({ folder, what, size }: Installation, fill: (partial: string) => void): string {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const path = join(cache, 'dograh-trigger', folder);
  if (existsSync(path)) return path;
  mkdirSync(dirname(path), { recursive: true });
  const lock = `${path}.lock`;
  takeTurn(lock);
  try {
    if (!existsSync(path)) install({ path, what, size }, fill);
  } finally {
    rmSync(lock, { force: true });
  }
  return path;
}

function install(
  { path, what, size }: { path: string; what: string; size: string },
  fill: (partial: string) => void,
): void {
  announce(what, path, size);
  const partial = mkdtempSync(`${path}.partial-`);
  try {
    fill(partial);
    renameSync(partial, path);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/** Waits until no other process installs it. @param lock a file with the id of the process that does. */
function takeTurn(lock: string): void {
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (isLeft(lock)) rmSync(lock, { force: true });
    // Everything that installs is synchronous.
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
  }
}

/** Whether the process that made it is gone, as after a kill. */
function isLeft(lock: string): boolean {
  try {
    process.kill(Number(readFileSync(lock, 'utf8')), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
