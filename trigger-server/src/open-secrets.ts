/**
 * Opens a database's secrets, and checks at the start that the keys are the right ones: with other keys the server
 * would seem healthy but refuse every call. Each key that seals something leaves a canary in the database, which must
 * open.
 */
import type { Config } from './config';
import { addKey, keyFileBeside, readKeyFile } from './key-file';
import { createSecrets, type Secrets } from './secrets';
import { insertCanary, listCanaries, listSealed, sealedColumns } from './storage/sealed-columns';
import type { Session, Storage } from './storage/port';

/** The text of every canary. Only whether it opens matters. */
const canaryText = 'canary';

const rowsAtOnce = 500;

type KeyConfig = Pick<Config, 'secretsKeys' | 'database' | 'filesBeside'>;

/**
 * Uses the keys of `SECRETS_KEY`, or of the file beside the database, which is created if nothing is sealed yet.
 * @throws Error with a text for people when something in the database was sealed with a missing key.
 */
export async function openSecrets(config: KeyConfig, storage: Storage): Promise<Secrets> {
  const isNew = (await listCanaries(storage.read)).length === 0;
  const secrets = givenSecrets(config) ?? (await secretsOfNewFile(config, storage.read));
  if (!(await allCanariesOpen(secrets, storage.read))) throw new Error(wrongKey(config));
  // The database is older than the canaries.
  if (isNew && (await listUnopened(secrets, storage.read)).length > 0) throw new Error(wrongKey(config));
  await storage.write((session) => leaveCanary(secrets, session));
  return secrets;
}

/** Null when there is neither `SECRETS_KEY` nor a key file. */
export function givenSecrets(config: Pick<Config, 'secretsKeys' | 'filesBeside'>): Secrets | null {
  const [current, ...earlier] = config.secretsKeys ?? readKeyFile(keyFileBeside(config));
  return current === undefined ? null : createSecrets(current, ...earlier);
}

async function secretsOfNewFile(config: KeyConfig, session: Session): Promise<Secrets> {
  const file = keyFileBeside(config);
  if (await isAnythingSealed(session)) {
    throw new Error(
      `The key that opens the secrets in ${config.database.shown} is not there: ${file} is missing, and SECRETS_KEY is not set. ${wayOut}`,
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

/** Whether a server has started with the current key, so that it can open what is sealed with it. */
export async function hasCanaryOfCurrent(secrets: Secrets, session: Session): Promise<boolean> {
  return (await listCanaries(session)).some((sealed) => secrets.sealedByCurrent(sealed));
}

/** Adds a canary of the current key, unless there is one. */
export async function leaveCanary(secrets: Secrets, session: Session): Promise<void> {
  if (await hasCanaryOfCurrent(secrets, session)) return;
  await insertCanary(session, secrets.encrypt(canaryText));
}

/** The secrets that none of the keys opens, by table and id. */
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

function wrongKey(config: KeyConfig): string {
  const source = config.secretsKeys === null ? keyFileBeside(config) : 'SECRETS_KEY';
  return (
    `${source} does not open the secrets in ${config.database.shown}: they were sealed by another key. ` +
    `To change the key, name the old one too, after the new one, until \`npm run admin -- rotate-secrets\` has sealed them anew. ${wayOut}`
  );
}
