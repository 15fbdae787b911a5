/**
 * Links that sign a user in once. The token stands in the fragment of the address, which browsers send to no server,
 * so that no log and no referrer has it. Only its hash is stored.
 */
import { hash, randomBytes } from 'node:crypto';
import { recordAudit } from '../audit/audit';
import { invalidPlace, Problem } from '../problem';
import type { Services } from '../services';
import { UniqueViolation, type Session } from '../storage/port';
import { hashPassword } from './sign-in/passwords';
import {
  deleteExpiredLinks,
  deleteLink,
  findLinkedUser,
  insertLink,
  setFirstPassword,
} from './sign-in-link-store';
import { openSession } from './sign-in/sessions';
import { findUser } from './store';
import { readUser } from './users';

export const linkMinutes = 15;

/** @returns the token of the link. */
export async function createSignInLink(
  { clock }: Pick<Services, 'clock'>,
  session: Session,
  userId: number,
): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  const now = clock.steady();
  await deleteExpiredLinks(session, now.toISOString());
  const expiresAt = new Date(now.getTime() + linkMinutes * 60_000).toISOString();
  await insertLink(session, { hash: hashOf(token), userId, expiresAt });
  return token;
}

export async function forgetExpiredLinks(
  { clock }: Pick<Services, 'clock'>,
  session: Session,
): Promise<void> {
  await deleteExpiredLinks(session, clock.steady().toISOString());
}

/** @param base the address of the server, without a trailing slash. */
export function signInAddress(base: string, token: string): string {
  return `${base}/sign-in#token=${token}`;
}

interface Credentials {
  email: string | null;
  password: string | null;
  name: string | null;
}

/**
 * Signs in by a link, which then no longer works. A user without a password gets the given e-mail and password; with the
 * session of any other user a forgotten password can be replaced.
 * @returns the token of the new session.
 * @throws Problem unauthenticated for a link that is unknown, used or old; unprocessable when a user without a password
 *   gets none, or another user would get one; conflict when the e-mail is taken. After the last two the link still works.
 */
export async function signInByLink(
  services: Pick<Services, 'storage' | 'clock' | 'chance' | 'secrets'>,
  token: string,
  given: Credentials,
  requestId: string,
): Promise<string> {
  const linkHash = hashOf(token);
  const now = services.clock.steady().toISOString();
  const userId = await findLinkedUser(services.storage.read, linkHash, now);
  const user = userId === null ? undefined : await findUser(services.storage.read, userId);
  if (user === undefined) throw invalidLink();
  const account = user.password_hash === null ? await firstCredentials(given) : null;
  if (account === null) refuseCredentials(given);
  try {
    return await services.storage.write(async (session) => {
      // Of two requests with the same link, one deletes it.
      if (!(await deleteLink(session, linkHash, now))) throw invalidLink();
      if (account !== null && !(await setFirstPassword(session, { id: user.id, ...account }))) {
        throw invalidLink();
      }
      const actor = { organizationId: user.organization_id, userId: user.id, apiKeyId: null, requestId };
      await recordAudit(services, session, actor, {
        action: 'user.signed_in',
        subjectId: user.id,
        changed: account === null ? [] : ['email', 'password', ...(account.name === null ? [] : ['name'])],
      });
      const options = { mayResetPassword: account === null };
      return openSession(services, session, await readUser(session, user.id), options);
    });
  } catch (error) {
    if (error instanceof UniqueViolation)
      throw new Problem('conflict', 'Email already registered', { cause: error });
    throw error;
  }
}

function invalidLink(): Problem {
  return new Problem(
    'unauthenticated',
    'This sign-in link was used already, is older than 15 minutes, or is incomplete. `npm run admin -- sign-in-link` prints a new one.',
  );
}

/** @throws Problem unprocessable. */
async function firstCredentials({ email, password, name }: Credentials) {
  if (email === null) throw missing('email', 'Enter the e-mail address that you will sign in with');
  if (password === null) throw missing('password', 'Choose a password of at least 8 characters');
  return { email: email.toLowerCase(), passwordHash: await hashPassword(password), name };
}

function missing(field: string, msg: string): Problem {
  return invalidPlace({ type: 'missing', loc: ['body', field], msg, input: null });
}

/** @throws Problem unprocessable: the session that the link opens may replace the password, the link itself may not. */
function refuseCredentials(given: Credentials): void {
  const field = (['email', 'password', 'name'] as const).find((name) => given[name] !== null);
  if (field === undefined) return;
  const msg = 'This user has an e-mail address and a password already: send the token alone';
  throw invalidPlace({ type: 'value_error', loc: ['body', field], msg, input: null });
}

function hashOf(token: string): string {
  return hash('sha256', token, 'hex');
}
