/** The files and folders that only the server's user should be able to read. */
import { dirname } from 'node:path';
import type { Config } from './config';
import { keyFileBeside } from './key-file';
import { filesBeside } from './storage/sqlite/open';

export function privatePaths({ databaseFile, artifactsFolder }: Config): string[] {
  return [
    dirname(databaseFile),
    databaseFile,
    ...filesBeside(databaseFile),
    keyFileBeside(databaseFile),
    artifactsFolder,
  ];
}
