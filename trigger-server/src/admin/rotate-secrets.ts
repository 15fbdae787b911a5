/**
 * Seals every secret again with the current key. A server may run meanwhile if it knows that key, which its canary
 * shows. Secrets already sealed with the current key are skipped, so that an interrupted rotation can simply be
 * repeated.
 */
import type { Config } from '../config';
import { addKey, keyFileBeside, readKeyFile } from '../key-file';
import { allCanariesOpen, givenSecrets, hasCanaryOfCurrent, leaveCanary } from '../open-secrets';
import type { Secrets } from '../secrets';
import {
  deleteCanary,
  listCanaries,
  listSealed,
  replaceSealed,
  sealedColumns,
} from '../storage/sealed-columns';
import { openDatabase } from '../storage/open';
import type { Session, Storage } from '../storage/port';
import type { Command } from './command';

const lostKey = '--lost-key';
/** Few enough that no transaction delays a running server noticeably. */
const rowsAtOnce = 100;

export const rotateSecrets: Command = {
  summary: 'seals every stored secret anew with the current key',
  flags: { [lostKey]: 'gives up what none of the keys opens: it must be typed in anew' },
  async run(config, flags, print) {
    const storage = await openDatabase(config.database, { migrate: false });
    try {
      return await rotate(config, storage, flags.has(lostKey), print);
    } finally {
      await storage.close();
    }
  },
};

async function rotate(
  config: Config,
  storage: Storage,
  isKeyLost: boolean,
  print: (line: string) => void,
): Promise<number> {
  const keyFile = keyFileBeside(config);
  if (config.secretsKeys === null) {
    const { length } = readKeyFile(keyFile);
    // First the new key is only added: a server must know it before anything is sealed with it.
    if (isKeyLost ? length === 0 : length === 1) addKey(keyFile);
    if (length === 1 && !isKeyLost) {
      print(
        `${keyFile} now begins with a new key. Restart the server, then run this command again: it seals everything anew.`,
      );
      return 0;
    }
  } else if (config.secretsKeys.length === 1 && !isKeyLost) {
    throw new Error(
      'SECRETS_KEY names one key. Put a new one before it, with a comma between them (SECRETS_KEY=new,old), restart the server, and run this command again.',
    );
  }
  const secrets = givenSecrets(config);
  if (secrets === null)
    throw new Error(`There is no key: ${keyFile} is missing, and SECRETS_KEY is not set.`);
  if (!isKeyLost) await checkKeys(secrets, storage.read);
  const { sealed, unopened } = await sealAgain(secrets, storage);
  if (unopened > 0 && !isKeyLost) {
    throw new Error(`${String(unopened)} stored secrets open with none of the keys: doctor names them.`);
  }
  await storage.write((session) => replaceCanaries(secrets, session));
  print(`${String(sealed)} stored secrets were sealed anew with the current key.`);
  if (unopened > 0) {
    print(
      `${String(unopened)} open with none of the keys: those accounts and credentials answer 503 until they are saved again.`,
    );
  }
  if (secrets.earlier.length > 0) {
    const place = config.secretsKeys === null ? keyFile : 'SECRETS_KEY';
    print(
      `The old key opens nothing in the database any more. Take it out of ${place} when the calls from before have ended, and restart the server: sessions and download links of the old key end then.`,
    );
  }
  return 0;
}

/**
 * @throws Error with a text for people when a key is missing, or when a running server may not know the current key.
 */
async function checkKeys(secrets: Secrets, session: Session): Promise<void> {
  if (!(await allCanariesOpen(secrets, session))) {
    throw new Error(
      'The keys do not open the secrets in this database: name the key that they are sealed with, too.',
    );
  }
  if (!(await hasCanaryOfCurrent(secrets, session))) {
    throw new Error(
      'No server has started with the new key yet, so one that runs could not read what is sealed by it. Restart the server with both keys, then run this command again.',
    );
  }
}

/** Reads and replaces each row in one transaction, so that values saved by a server meanwhile are not overwritten. */
async function sealAgain(secrets: Secrets, storage: Storage): Promise<{ sealed: number; unopened: number }> {
  let sealedCount = 0;
  let unopened = 0;
  for (const column of sealedColumns) {
    for (let last: number | null = 0; last !== null;) {
      const from: number = last;
      const outcome = await storage.write(async (session) => {
        const rows = await listSealed(session, column, from, rowsAtOnce);
        const toSeal = rows.filter(({ sealed }) => !secrets.sealedByCurrent(sealed));
        const openable = toSeal.filter(({ sealed }) => secrets.opens(sealed));
        for (const { id, sealed } of openable) {
          await replaceSealed(session, column, id, secrets.encrypt(secrets.decrypt(sealed)));
        }
        return {
          next: rows.length < rowsAtOnce ? null : (rows.at(-1)?.id ?? null),
          sealed: openable.length,
          unopened: toSeal.length - openable.length,
        };
      });
      sealedCount += outcome.sealed;
      unopened += outcome.unopened;
      last = outcome.next;
    }
  }
  return { sealed: sealedCount, unopened };
}

/** Keeps only the canary of the current key; the others are no longer needed. */
async function replaceCanaries(secrets: Secrets, session: Session): Promise<void> {
  for (const sealed of await listCanaries(session)) {
    if (!secrets.sealedByCurrent(sealed)) await deleteCanary(session, sealed);
  }
  await leaveCanary(secrets, session);
}
