/** Reports what is wrong with a database and the files beside it, and what to do. It changes nothing. */
import { existsSync } from 'node:fs';
import type { Config } from '../config';
import { allCanariesOpen, givenSecrets, listUnopened } from '../open-secrets';
import { listOpenToOthers } from '../private-files';
import { privatePaths } from '../private-paths';
import { examine, type Examination } from '../storage/sqlite/examine';
import { openDatabase } from '../storage/open';
import type { Command } from './command';

/** What was checked, and the faults found there, each with what to do. */
interface Finding {
  about: string;
  wrong: string[];
}

export const doctor: Command = {
  summary: 'looks through the database, its secrets and its files, and changes nothing',
  flags: {},
  async run(config, _flags, print) {
    let isWell = true;
    for await (const { about, wrong } of check(config)) {
      if (wrong.length === 0) print(`well   ${about}`);
      for (const line of wrong) print(`WRONG  ${about}: ${line}`);
      isWell &&= wrong.length === 0;
    }
    return isWell ? 0 : 1;
  },
};

/** Yields each finding as soon as it is known, because a large database takes a while. */
async function* check(config: Config): AsyncGenerator<Finding> {
  const { database } = config;
  if (database.kind === 'postgres') {
    // PostgreSQL looks after its own files. Opening it says what is wrong with the rest.
    yield { about: 'stored secrets', wrong: await wrongSecrets(config) };
    return;
  }
  if (!existsSync(database.file)) {
    yield { about: database.file, wrong: ['there is no such database. Is DATABASE_URL right?'] };
    return;
  }
  const examination = examine(database.file);
  yield* findingsOf(examination);
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

function* findingsOf({ damage, unknown, missing }: Examination): Generator<Finding> {
  yield {
    about: 'database file',
    wrong: damage.map(
      (line) => `${line}. Stop the server, move the database away, and put your backup in its place.`,
    ),
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
