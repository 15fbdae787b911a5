/**
 * The key beside a database file, for its owner only: whoever has the database alone cannot read the carrier credentials in
 * it. One key a line, the current one first.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { closeFile } from './private-files';

export function keyFileBeside(databaseFile: string): string {
  return `${databaseFile}.key`;
}

/**
 * The keys in the file, the current one first; none when there is no file.
 * @throws Error that names the file, when something else is in it.
 */
export function readKeyFile(file: string): string[] {
  if (!existsSync(file)) return [];
  closeFile(file);
  const keys = readFileSync(file, 'utf8')
    .split(/\s+/)
    .filter((line) => line !== '');
  if (keys.length === 0 || !keys.every((key) => /^[0-9a-f]{64}$/.test(key))) {
    throw new Error(`${file} does not hold 64 hexadecimal digits on each line`);
  }
  return keys;
}

/** Puts a new key before those in the file, which is made where there is none. Returns all of them. */
export function addKey(file: string): string[] {
  const keys = [randomBytes(32).toString('hex'), ...readKeyFile(file)];
  const part = `${file}.new`;
  writeFileSync(part, keys.join('\n'), { mode: 0o600, flush: true });
  renameSync(part, file);
  return keys;
}
