/** Encryption and signing keys, all derived from `SECRETS_KEY`. */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/** Keys that sign and verify. */
export interface SigningKeys {
  /** Signs session tokens. */
  readonly tokenKey: Buffer;
  /** Signs the report URLs of carriers. */
  readonly callbackKey: Buffer;
  /** Signs the tokens of links: to the files of a run, and to the file of a campaign. */
  readonly downloadKey: Buffer;
  /** Seals the cursors of lists. */
  readonly cursorKey: Buffer;
  /** Signs the CSRF tokens of sessions. */
  readonly csrfKey: Buffer;
  /** The secrets of API keys with the scope `trigger`, which sign events, are derived from it. */
  readonly eventKey: Buffer;
}

/** The signing keys of this object itself are the current ones. */
export interface Secrets extends SigningKeys {
  /** Public: the same for all processes with this key, and different from every other server's. */
  readonly serverId: string;
  /** Encrypts text with AES-256-GCM; the result is printable and carries its nonce and tag. */
  encrypt(text: string): string;
  /** @throws Error when none of the keys sealed the text, or the text was changed. */
  decrypt(sealed: string): string;
  /** Whether one of the keys sealed this text. */
  opens(sealed: string): boolean;
  /** Whether the current key sealed this text, so that it needs no earlier key. */
  sealedByCurrent(sealed: string): boolean;
  /** The signing keys of replaced keys. They sign nothing any more, but still verify earlier signatures. */
  readonly earlier: readonly SigningKeys[];
}

/** All keys that a valid signature may come from, the current ones first. */
export function verifyingKeys(secrets: Secrets): readonly SigningKeys[] {
  return [secrets, ...secrets.earlier];
}

const version = 'v1';
const nonceBytes = 12;
const tagBytes = 16;
/**
 * How many decrypted secrets are cached. A call needs its carrier's credentials, and decrypting costs as much as one or
 * two queries.
 */
const cachedSecrets = 500;

/**
 * @param currentKeyHex 64 hexadecimal digits.
 * @param earlierKeysHex keys that the current one has replaced.
 */
export function createSecrets(currentKeyHex: string, ...earlierKeysHex: string[]): Secrets {
  const current = deriveKeys(currentKeyHex);
  const earlier = earlierKeysHex.map(deriveKeys);
  const opened = new Map<string, string>();
  const decrypt = (sealed: string) => {
    // Every sealed text has its own nonce, so it can serve as key of the cache.
    const known = opened.get(sealed);
    if (known !== undefined) return known;
    const text = openWithAny([current, ...earlier], sealed);
    if (opened.size >= cachedSecrets) opened.clear();
    opened.set(sealed, text);
    return text;
  };
  return {
    ...current,
    earlier,
    decrypt,
    encrypt: (text) => `${version}.${seal(current.encryptionKey, text)}`,
    opens: (sealed) => doesNotThrow(() => decrypt(sealed)),
    sealedByCurrent: (sealed) => doesNotThrow(() => openWithAny([current], sealed)),
  };
}

interface DerivedKeys extends SigningKeys {
  readonly encryptionKey: Buffer;
  readonly serverId: string;
}

function deriveKeys(keyHex: string): DerivedKeys {
  const master = Buffer.from(keyHex, 'hex');
  const derive = (purpose: string) =>
    Buffer.from(hkdfSync('sha256', master, '', `dograh-trigger ${purpose}`, 32));
  return {
    encryptionKey: derive('credentials'),
    tokenKey: derive('session tokens'),
    callbackKey: derive('carrier callbacks'),
    downloadKey: derive('download tokens'),
    cursorKey: derive('list cursors'),
    csrfKey: derive('csrf tokens'),
    eventKey: derive('events of api keys'),
    serverId: derive('server id').toString('hex').slice(0, 32),
  };
}

/** @throws the error of the last key when none of them opens the text. */
function openWithAny(keys: readonly DerivedKeys[], sealed: string): string {
  const [prefix, payload] = sealed.split('.');
  if (prefix !== version || payload === undefined) throw new Error('A stored secret has an unknown format');
  let failure: unknown;
  for (const { encryptionKey } of keys) {
    try {
      return unseal(encryptionKey, payload);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

function doesNotThrow(open: () => string): boolean {
  try {
    open();
    return true;
  } catch {
    return false;
  }
}

/** Encrypts text with AES-256-GCM. @returns nonce, ciphertext and tag in base64url. */
export function seal(key: Buffer, text: string): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const sealed = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()];
  return Buffer.concat(sealed).toString('base64url');
}

/** @throws Error when the text was not sealed with this key, or was changed. */
export function unseal(key: Buffer, sealed: string): string {
  const bytes = Buffer.from(sealed, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  });
  decipher.setAuthTag(bytes.subarray(-tagBytes));
  return decipher.update(bytes.subarray(nonceBytes, -tagBytes), undefined, 'utf8') + decipher.final('utf8');
}
