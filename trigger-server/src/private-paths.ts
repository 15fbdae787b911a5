/** The files and folders that only the server's user should be able to read. */
import { dirname } from 'node:path';
import type { Config } from './config';
import { keyFileBeside } from './key-file';
import { filesBeside } from './storage/sqlite/open';

export function privatePaths(config: Config): string[] {
  const { database, artifactsFolder } = config;
  if (database.kind === 'postgres') return [artifactsFolder];
  const { file } = database;
  return [dirname(file), file, ...filesBeside(file), keyFileBeside(config), artifactsFolder];
}
