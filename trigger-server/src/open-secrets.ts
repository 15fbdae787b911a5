/**
 * The secrets of a database, opened only with the keys that sealed them. A server that began with another key would look
 * well and refuse every call. So each key that seals something leaves a canary in the database, which must open.
 */
import type { Config } from './config';
import { addKey, keyFileBeside, readKeyFile } from './key-file';
import { createSecrets, type Secrets } from './secrets';
import { insertCanary, listCanaries, listSealed, sealedColumns } from './storage/sealed-columns';
import type { Session, Storage } from './storage/port';

/** The text of every canary: that it opens is all that counts. */
const canaryText = 'canary';

const rowsAtOnce = 500;

type KeyConfig = Pick<Config, 'secretsKeys' | 'databaseFile'>;

/**
 * With the keys of `SECRETS_KEY`, or of the file beside the database, which is made where nothing is sealed yet.
 * @throws Error in words, when something in the database was sealed by a key that is not among them.
 */
export async function openSecrets(config: KeyConfig, storage: Storage): Promise<Secrets> {
  const isNew = (await listCanaries(storage.read)).length === 0;
  const secrets = givenSecrets(config) ?? (await secretsOfNewFile(config, storage.read));
  if (!(await allCanariesOpen(secrets, storage.read))) throw new Error(wrongKey(config));
  // One from before there were canaries.
  if (isNew && (await listUnopened(secrets, storage.read)).length > 0) throw new Error(wrongKey(config));
  await storage.write((session) => leaveCanary(secrets, session));
  return secrets;
}

/** Null where there is neither `SECRETS_KEY` nor a key file. */
export function givenSecrets({ secretsKeys, databaseFile }: KeyConfig): Secrets | null {
  const [current, ...earlier] = secretsKeys ?? readKeyFile(keyFileBeside(databaseFile));
  return current === undefined ? null : createSecrets(current, ...earlier);
}

async function secretsOfNewFile({ databaseFile }: KeyConfig, session: Session): Promise<Secrets> {
  const file = keyFileBeside(databaseFile);
  if (await isAnythingSealed(session)) {
    throw new Error(
      `The key that opens the secrets in ${databaseFile} is not there: ${file} is missing, and SECRETS_KEY is not set. ${wayOut}`,
    );
  }
  const [current = ''] = addKey(file);
  return createSecrets(current);
}

async function isAnythingSealed(session: Session): Promise<boolean> {
  if ((await listCanaries(session)).length > 0) return true;
  for (const column of sealedColumns) {
    if ((await listSealed(session, column, 0, 1)).length > 0) return true;
  }
  return false;
}

export async function allCanariesOpen(secrets: Secrets, session: Session): Promise<boolean> {
  return (await listCanaries(session)).every((sealed) => secrets.opens(sealed));
}

/** Whether a server has started with the current key: then it reads what is sealed by that. */
export async function hasCanaryOfCurrent(secrets: Secrets, session: Session): Promise<boolean> {
  return (await listCanaries(session)).some((sealed) => secrets.sealedByCurrent(sealed));
}

/** One of the current key, unless it has left one. */
export async function leaveCanary(secrets: Secrets, session: Session): Promise<void> {
  if (await hasCanaryOfCurrent(secrets, session)) return;
  await insertCanary(session, secrets.encrypt(canaryText));
}

/** What does not open, by table and id. */
export async function listUnopened(
  secrets: Secrets,
  session: Session,
): Promise<{ table: string; id: number }[]> {
  const unopened: { table: string; id: number }[] = [];
  for (const column of sealedColumns) {
    for (let last = 0; ;) {
      const rows = await listSealed(session, column, last, rowsAtOnce);
      for (const { id, sealed } of rows) {
        if (!secrets.opens(sealed)) unopened.push({ table: column.table, id });
        last = id;
      }
      if (rows.length < rowsAtOnce) break;
    }
  }
  return unopened;
}

const wayOut =
  'Put the key from your backup there, or start with it in SECRETS_KEY. If it is lost for good, ' +
  '`npm run admin -- rotate-secrets --lost-key` gives up what it sealed: carrier accounts, webhook credentials and webhook secrets are then typed in anew.';

function wrongKey({ secretsKeys, databaseFile }: KeyConfig): string {
  const source = secretsKeys === null ? keyFileBeside(databaseFile) : 'SECRETS_KEY';
  return (
    `${source} does not open the secrets in ${databaseFile}: they were sealed by another key. ` +
    `To change the key, name the old one too, after the new one, until \`npm run admin -- rotate-secrets\` has sealed them anew. ${wayOut}`
  );
}
