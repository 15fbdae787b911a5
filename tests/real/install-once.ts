/** Installs the programs of a real suite once, into a cache outside of the checkout, and announces it. */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
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
 * @param fill fills an empty folder, which is renamed only when it is complete.
 * @returns the folder in the cache.
 */
export function installOnce({ folder, what, size }: Installation, fill: (partial: string) => void): string {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const path = join(cache, 'dograh-trigger', folder);
  if (existsSync(path)) return path;
  announce(what, path, size);
  mkdirSync(dirname(path), { recursive: true });
  const partial = mkdtempSync(`${path}.partial-`);
  try {
    fill(partial);
    renameSync(partial, path);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return path;
}
