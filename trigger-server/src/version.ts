import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The server's version: that of its package. */
export const version = (
  JSON.parse(readFileSync(join(__dirname, '../package.json'), 'utf8')) as { version: string }
).version;
