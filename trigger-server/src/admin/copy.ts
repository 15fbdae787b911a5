/** Moves a server from SQLite to PostgreSQL: copies everything in the file into an empty database. */
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { readDatabaseAddress, type Config } from '../config';
import { keyFileBeside } from '../key-file';
import { copyToPostgres, type CopiedTable } from '../storage/copy';
import { holdDatabaseNow } from '../storage/sqlite/sole-process';
import type { Command } from './command';

export const copy: Command = {
  summary: 'copies a SQLite database into an empty PostgreSQL database, and compares both',
  flags: {
    '--from <address>': 'the SQLite file, such as file:./data/trigger.db; its server must be stopped',
    '--to <address>':
      'the PostgreSQL database (default: DATABASE_URL, which other users of this machine do not see)',
  },
  async run(config, flags, print) {
    const from = readDatabaseAddress(flags.get('--from') ?? '');
    const target = flags.get('--to');
    const to = target === undefined ? config.database : readDatabaseAddress(target);
    if (from.kind !== 'sqlite' || to.kind !== 'postgres') {
      throw new Error('copy goes from a SQLite file (--from file:…) to PostgreSQL (--to postgres://…).');
    }
    if (!existsSync(from.file)) throw new Error(`There is no database ${from.file}: is --from right?`);
    const release = holdDatabaseNow(from.file);
    if (release === null) {
      throw new Error(
        `A server uses the database ${from.file}. Stop it first: the copy would not have what it writes from now on.`,
      );
    }
    try {
      for (const line of tableOf(await copyToPostgres(from.file, to.url))) print(line);
      for (const line of nextSteps(config, from.file, to.shown)) print(line);
      return 0;
    } finally {
      release();
    }
  },
};

function tableOf(copied: readonly CopiedTable[]): string[] {
  const width = Math.max(...copied.map(({ name }) => name.length));
  const rows = copied.reduce((sum, table) => sum + table.rows, 0);
  return [
    `${'table'.padEnd(width)}  ${'rows'.padStart(9)}  hash of the rows, here and there`,
    ...copied.map(
      (table) => `${table.name.padEnd(width)}  ${String(table.rows).padStart(9)}  ${table.hash.slice(0, 16)}`,
    ),
    `${rows} rows in ${copied.length} tables were copied. Their number and content are the same in both databases.`,
  ];
}

function nextSteps(config: Config, file: string, shown: string): string[] {
  const keys =
    config.secretsKeys === null
      ? `the keys in ${resolve(keyFileBeside({ filesBeside: file }))}, the first line first, with commas between them`
      : 'the same as before';
  const artifacts = resolve(dirname(file), 'artifacts');
  return [
    'Now start the server with these variables, and not on the file any more:',
    `  DATABASE_URL   ${shown}, with its password`,
    `  SECRETS_KEY    ${keys}: it opens the secrets that were copied`,
    `  ARTIFACTS_DIR  the folder of the recordings, which are not in the database (until now ${artifacts}, unless it was set)`,
  ];
}
