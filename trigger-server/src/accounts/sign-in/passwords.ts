/** Hashes and checks passwords. A stored hash includes its scrypt parameters. */
import { randomBytes, timingSafeEqual, type ScryptOptions } from 'node:crypto';
import { Problem } from '../../problem';
import { createTurns } from '../../turns';
import { hashInThread } from './hashing-thread';

/**
 * One of the equivalent scrypt settings of OWASP's Password Storage Cheat Sheet: 16 MiB per hash. Source:
 * https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#scrypt
 */
const cost = { N: 16_384, r: 8, p: 5 };
const keyBytes = 32;

/** The queue is limited to a few seconds of work; a further log-in is refused at once. */
const hashes = createTurns({
  atOnce: 1,
  mostWaiting: 20,
  refuse: () =>
    new Problem('busy', 'Too many people are logging in; try again in a few seconds', {
      retryAfterSeconds: 5,
    }),
});

/** @throws Problem busy when too many hashes wait. */
function derive(password: string, salt: Buffer, options: ScryptOptions): Promise<Buffer> {
  return hashes.run(() => hashInThread({ password, salt, keyBytes, options }));
}

/** @throws Problem busy when too many hashes wait. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, cost);
  return ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64url'), key.toString('base64url')].join('$');
}

/**
 * @param hash null for an unknown user or one without a password: never right, and as slow as a wrong password, so that
 * the time does not reveal whether the user exists.
 * @throws Problem busy when too many hashes wait.
 */
export async function isRightPassword(password: string, hash: string | null): Promise<boolean> {
  const [scheme, N, r, p, salt, key] = (hash ?? '').split('$');
  if (scheme !== 'scrypt' || salt === undefined || key === undefined) {
    await derive(password, randomBytes(16), cost);
    return false;
  }
  const expected = Buffer.from(key, 'base64url');
  const actual = await derive(password, Buffer.from(salt, 'base64url'), {
    N: Number(N),
    r: Number(r),
    p: Number(p),
  });
  return timingSafeEqual(actual, expected);
}
