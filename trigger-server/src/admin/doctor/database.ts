/** The database, its secrets, and the files beside it. */
import { existsSync } from 'node:fs';
import type { Config } from '../../config';
import { allCanariesOpen, givenSecrets, listUnopened } from '../../open-secrets';
import { listOpenToOthers } from '../../private-files';
import { privatePaths } from '../../private-paths';
import { examine, type Examination } from '../../storage/sqlite/examine';
import { restoreSteps } from '../../storage/sqlite/restore';
import { openDatabase } from '../../storage/open';
import type { Storage } from '../../storage/port';
import { describePostgres } from '../../storage/schema-version';
import { allowedDrift, wrongClock } from './clocks';
import type { Finding } from './finding';

/** As `server_version_num` writes 15.0. */
const oldestPostgres = 150_000;

/** Yields each finding as soon as it is known, because a large database takes a while. */
export async function* checkDatabase(config: Config): AsyncGenerator<Finding> {
  const { database } = config;
  if (database.kind === 'postgres') {
    yield* checkPostgres(config);
    return;
  }
  if (!existsSync(database.file)) {
    yield { about: database.file, wrong: ['there is no such database. Is DATABASE_URL right?'] };
    return;
  }
  const examination = examine(database.file);
  yield* findingsOf(examination, database.file);
  const { damage, unknown, missing } = examination;
  if (damage.length === 0 && unknown.length === 0 && missing.length === 0) {
    yield { about: 'stored secrets', wrong: await wrongSecrets(config) };
  }
  yield {
    about: 'privacy of the files',
    wrong: listOpenToOthers(privatePaths(config)).map(
      (path) => `${path} can be read by other users of this machine. Close it: chmod go= …`,
    ),
  };
}

/** PostgreSQL looks after its own files. */
async function* checkPostgres(config: Config): AsyncGenerator<Finding> {
  const about = `database ${config.database.shown}`;
  let storage: Storage;
  try {
    storage = await openDatabase(config.database, { migrate: false });
  } catch (error) {
    yield { about, wrong: [error instanceof Error ? error.message : String(error)] };
    return;
  }
  try {
    const found = await describePostgres(storage.read);
    const isOld = found !== undefined && found.version < oldestPostgres;
    yield { about, wrong: isOld ? ['its version is older than 15: move it to a newer PostgreSQL.'] : [] };
    const drift = Date.now() - (found?.time.getTime() ?? Date.now());
    yield { about: 'clock, against the database', wrong: wrongClock(drift, allowedDrift, 'the database’s') };
  } finally {
    await storage.close();
  }
  yield { about: 'stored secrets', wrong: await wrongSecrets(config) };
}

function* findingsOf({ damage, unknown, missing }: Examination, file: string): Generator<Finding> {
  yield {
    about: 'database file',
    wrong: damage.map((line) => `${line}. ${restoreSteps(file)}`),
  };
  yield {
    about: 'version of the database',
    wrong: [
      ...unknown.map((name) => `a newer version has changed it (${name}). Start that version again.`),
      ...missing.map((name) => `${name} is still to come: start the server once, which carries it over.`),
    ],
  };
}

async function wrongSecrets(config: Config): Promise<string[]> {
  const secrets = givenSecrets(config);
  if (secrets === null) return ['there is no key: neither a file beside the database nor SECRETS_KEY.'];
  const storage = await openDatabase(config.database, { migrate: false });
  try {
    const unopened = await listUnopened(secrets, storage.read);
    return [
      ...((await allCanariesOpen(secrets, storage.read))
        ? []
        : ['a key is missing: the server does not start with this one alone. Name the old one, too.']),
      ...unopened.map(
        ({ table, id }) => `${table} ${String(id)} opens with none of the keys. Save it again.`,
      ),
    ];
  } finally {
    await storage.close();
  }
}
