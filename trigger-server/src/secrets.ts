/** Everything that derives from the one `SECRETS_KEY`. */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

export interface Secrets {
  /** Encrypts text with AES-256-GCM; the result is printable and carries its nonce and tag. */
  encrypt(text: string): string;
  /** @throws Error when the text was not made by this key, or was changed. */
  decrypt(sealed: string): string;
  /** Signs session tokens. */
  readonly tokenKey: Buffer;
  /** Signs the addresses that carriers call back. */
  readonly callbackKey: Buffer;
  /** Signs the tokens that open the files of a run. */
  readonly downloadKey: Buffer;
  /** Seals the cursors of lists. */
  readonly cursorKey: Buffer;
}

const version = 'v1';
const nonceBytes = 12;
const tagBytes = 16;
/** Opened secrets kept in memory: a call needs its carrier's, and opening one costs as much as a query or two. */
const keptOpen = 500;

/** @param keyHex 64 hexadecimal digits. */
export function createSecrets(keyHex: string): Secrets {
  const master = Buffer.from(keyHex, 'hex');
  const derive = (purpose: string) =>
    Buffer.from(hkdfSync('sha256', master, '', `dograh-trigger ${purpose}`, 32));
  const encryptionKey = derive('credentials');
  const opened = new Map<string, string>();
  return {
    tokenKey: derive('session tokens'),
    callbackKey: derive('carrier callbacks'),
    downloadKey: derive('download tokens'),
    cursorKey: derive('list cursors'),
    encrypt: (text) => `${version}.${seal(encryptionKey, text)}`,
    decrypt(sealed) {
      // A sealed text carries a nonce of its own, so it never stands for two secrets.
      const known = opened.get(sealed);
      if (known !== undefined) return known;
      const [prefix, payload] = sealed.split('.');
      if (prefix !== version || payload === undefined)
        throw new Error('A stored secret has an unknown format');
      const text = unseal(encryptionKey, payload);
      if (opened.size >= keptOpen) opened.clear();
      opened.set(sealed, text);
      return text;
    },
  };
}

/** Encrypts text with AES-256-GCM. @returns its nonce, the text and the tag, in base64url. */
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

/**
 * The key beside a database file, made on first use and readable by its owner only: whoever has the database
 * alone cannot read the carrier credentials in it.
 */
export function secretsKeyBeside(databaseFile: string): string {
  const file = `${databaseFile}.key`;
  if (!existsSync(file)) writeFileSync(file, randomBytes(32).toString('hex'), { mode: 0o600, flag: 'wx' });
  const key = readFileSync(file, 'utf8').trim();
  if (!/^[0-9a-f]{64}$/.test(key)) throw new Error(`${file} does not hold 64 hexadecimal digits`);
  return key;
}
