/**
 * The key file beside a database, readable only by its owner: the database alone does not reveal the carrier
 * credentials in it. It has one key per line, the current one first.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Config } from './config';
import { closeFile } from './private-files';

export function keyFileBeside({ filesBeside }: Pick<Config, 'filesBeside'>): string {
  return `${filesBeside}.key`;
}

/**
 * Reads the keys in the file, the current one first; empty when there is no file.
 * @throws Error that names the file, when it has other content.
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

/** Adds a new key at the top of the file, which is created if missing. @returns all keys. */
export function addKey(file: string): string[] {
  const keys = [randomBytes(32).toString('hex'), ...readKeyFile(file)];
  const part = `${file}.new`;
  writeFileSync(part, keys.join('\n'), { mode: 0o600, flush: true });
  renameSync(part, file);
  return keys;
}
