/** Backs up the server: its SQLite database, the key of its secrets, and its recordings. A server may be running. */
import { chmodSync, constants, copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Config } from '../config';
import { keyFileBeside } from '../key-file';
import { allCanariesOpen, givenSecrets } from '../open-secrets';
import { backUp } from '../storage/sqlite/backup';
import { openSqlite } from '../storage/sqlite/open';
import { restoreSteps } from '../storage/sqlite/restore';
import type { Command } from './command';

const folderMode = 0o700;
const fileMode = 0o600;

export const backup: Command = {
  summary:
    'copies the SQLite database, its key and the recordings into a new folder; a server may be running',
  flags: { '--to <folder>': 'a folder that is empty or not there yet' },
  async run(config, flags, print) {
    const { database } = config;
    if (database.kind === 'postgres') {
      for (const line of postgresWay) print(line);
      return 1;
    }
    const folder = flags.get('--to');
    if (folder === undefined) throw new Error('Name the folder of the backup: --to <folder>.');
    if (!existsSync(database.file)) {
      throw new Error(`There is no database ${database.file}: is DATABASE_URL right?`);
    }
    if (existsSync(folder) && readdirSync(folder).length > 0) {
      throw new Error(`${folder} is not empty. Name a folder of its own for each backup.`);
    }
    mkdirSync(folder, { recursive: true, mode: folderMode });
    const copy = join(folder, basename(database.file));
    // The database first: each recording that it names was there before. Recordings that come later are not named.
    const { rows, recordings } = backUp(database.file, copy);
    const total = [...rows.values()].reduce((sum, count) => sum + count, 0);
    print(`${String(total)} rows in ${String(rows.size)} tables were copied, and the copy is sound.`);
    for (const line of copyKey(config, copy)) print(line);
    await checkSecrets(config, copy);
    for (const line of copyRecordings(config, folder, recordings)) print(line);
    print(`The backup is in ${resolve(folder)}. To restore it: ${restoreSteps(database.file)}`);
    return 0;
  },
};

const postgresWay = [
  'PostgreSQL has its own backup, which a running server does not notice:',
  '  pg_dump --format=custom --file=trigger.dump "$DATABASE_URL"',
  '  pg_restore --clean --if-exists --dbname="$DATABASE_URL" trigger.dump',
  'Keep SECRETS_KEY apart from it, and back up the recordings after the database: their folder (ARTIFACTS_DIR) or their bucket.',
];

function copyKey(config: Config, copy: string): string[] {
  if (config.secretsKeys !== null) {
    return ['The key is in SECRETS_KEY, so it is not in the backup. Keep it in another place.'];
  }
  copyPrivate(keyFileBeside(config), keyFileBeside({ filesBeside: copy }));
  return ['The key of the secrets was copied, too: whoever has the backup can read them.'];
}

/** @throws Error with a text for people when the key does not open what is sealed in the copy. */
async function checkSecrets(config: Config, copy: string): Promise<void> {
  const filesBeside = config.secretsKeys === null ? copy : config.filesBeside;
  const secrets = givenSecrets({ secretsKeys: config.secretsKeys, filesBeside });
  const storage = openSqlite(copy, { migrate: false });
  try {
    if (secrets !== null && (await allCanariesOpen(secrets, storage.read))) return;
    throw new Error('The key does not open the secrets in the copy: `npm run admin -- doctor` says more.');
  } finally {
    await storage.close();
    chmodSync(copy, fileMode);
  }
}

function copyRecordings(config: Config, folder: string, keys: readonly string[]): string[] {
  if (config.artifactsBucket !== null) {
    return [
      'The recordings are in a bucket, so they are not in the backup. Back the bucket up after the database.',
    ];
  }
  const target = join(folder, 'artifacts');
  let missing = 0;
  for (const key of keys) {
    const from = join(config.artifactsFolder, key);
    if (existsSync(from)) copyPrivate(from, join(target, key));
    else missing += 1;
  }
  return [
    `${String(keys.length - missing)} recordings were copied.`,
    ...(missing === 0
      ? []
      : [`${String(missing)} are missing: they were deleted meanwhile, or lost before.`]),
  ];
}

function copyPrivate(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true, mode: folderMode });
  copyFileSync(from, to, constants.COPYFILE_FICLONE);
  chmodSync(to, fileMode);
}
