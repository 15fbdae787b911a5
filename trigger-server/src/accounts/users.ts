/** Signing up, logging in, changing a password, and reading the current user. */
import { commandActor, recordAudit, recordFailedSignIn, type Actor } from '../audit/audit';
import type { Config } from '../config';
import { describeError } from '../describe-error';
import type { Caller } from '../http/limits/caller-address';
import type { Identity } from '../http/route';
import { Problem } from '../problem';
import type { Services } from '../services';
import { UniqueViolation, type Session } from '../storage/port';
import type { FailedLogins } from './sign-in/failed-logins';
import { addMember, createAccount, listOrganizationIds } from './organizations';
import { hashPassword, isRightPassword } from './sign-in/passwords';
import { deleteOtherSessions, endPasswordReset } from './sign-in/session-store';
import { endSession, mayResetPassword, openSession } from './sign-in/sessions';
import {
  findUser,
  findUserByEmail,
  isOrganization,
  listFirstUsers,
  listUsers,
  replacePasswordHash,
  type UserRow,
} from './store';

/** Whether this caller may open an account. */
export function isSignupOpen({ signup }: Pick<Config, 'signup'>, caller: Caller): boolean {
  return signup === 'open' || (signup === 'local' && caller.isLocal);
}

/** What is known of the request of somebody who is not signed in yet. */
interface SignInRequest {
  caller: Caller;
  requestId: string;
}

/** @throws Problem forbidden when sign-up is off; conflict when the e-mail is taken. */
export async function signUp(
  services: Pick<Services, 'config' | 'storage' | 'clock' | 'chance' | 'secrets'>,
  { caller, requestId }: SignInRequest,
  account: { email: string; password: string; name: string | null },
) {
  if (!isSignupOpen(services.config, caller)) throw new Problem('forbidden', 'Signup is disabled');
  const email = account.email.toLowerCase();
  const passwordHash = await hashPassword(account.password);
  try {
    return await services.storage.write(async (session) => {
      const { userId, organizationId } = await createAccount(services, session, {
        email,
        passwordHash,
        name: account.name,
      });
      await recordAudit(
        services,
        session,
        { organizationId, userId, apiKeyId: null, requestId },
        { action: 'user.created', subjectId: userId },
      );
      const token = await openSession(services, session, { id: userId, email });
      return { token, user: presentUser(await readUser(session, userId)) };
    });
  } catch (error) {
    if (error instanceof UniqueViolation)
      throw new Problem('conflict', 'Email already registered', { cause: error });
    throw error;
  }
}

/**
 * @throws Problem unauthenticated, with the same text and after the same time for an unknown e-mail and for a wrong
 * password; busy after too many wrong passwords, whether the account exists or not.
 */
export async function logIn(
  services: Pick<Services, 'storage' | 'clock' | 'chance' | 'secrets' | 'log'>,
  failedLogins: FailedLogins,
  { email, password, caller, requestId }: { email: string; password: string } & SignInRequest,
) {
  const account = email.toLowerCase();
  const user = await findUserByEmail(services.storage.read, account);
  const isRight = await checkPassword(services, failedLogins, {
    account,
    caller,
    password,
    hash: user?.password_hash ?? null,
  });
  const wrongPassword = () => new Problem('unauthenticated', 'Invalid email or password');
  if (user === undefined) throw wrongPassword();
  const actor = { organizationId: user.organization_id, userId: user.id, apiKeyId: null, requestId };
  if (!isRight) {
    noteFailedSignIn(services, actor);
    throw wrongPassword();
  }
  const token = await services.storage.write(async (session) => {
    // The password may have changed while the old one was checked. A session opened now would survive that change.
    const { password_hash: current } = await readUser(session, user.id);
    if (current !== user.password_hash) throw wrongPassword();
    await recordAudit(services, session, actor, { action: 'user.signed_in', subjectId: user.id });
    return openSession(services, session, user);
  });
  return { token, user: presentUser(user) };
}

/** Runs in the background, so that the time of the reply does not reveal whether the account exists. */
function noteFailedSignIn(services: Pick<Services, 'storage' | 'clock' | 'log'>, actor: Actor): void {
  services.storage
    .write((session) => recordFailedSignIn(services, session, actor))
    .catch((error: unknown) => {
      services.log.warn({ error: describeError(error) }, 'a failed sign-in could not be recorded');
    });
}

/** Ends a session: its token stops at once. */
export async function signOut(
  services: Pick<Services, 'storage' | 'clock'>,
  actor: Actor,
  sessionId: string,
): Promise<void> {
  await services.storage.write(async (session) => {
    await endSession(session, sessionId);
    await recordAudit(services, session, actor, {
      action: 'user.signed_out',
      subjectId: actor.userId ?? undefined,
    });
  });
}

/** @throws Problem busy after too many wrong passwords, and when too many hashes wait. */
async function checkPassword(
  services: Pick<Services, 'clock'>,
  failedLogins: FailedLogins,
  {
    account,
    caller,
    password,
    hash,
  }: { account: string; caller: Caller; password: string; hash: string | null },
): Promise<boolean> {
  const address = caller.isLocal ? null : caller.address;
  const now = () => services.clock.steady().getTime();
  failedLogins.check(account, address, now());
  const isRight = await isRightPassword(password, hash);
  if (isRight) failedLogins.succeeded(account);
  else failedLogins.failed(account, address, now());
  return isRight;
}

/**
 * Changes the password of the signed-in user, and ends all other sessions of that user.
 * @param change.currentPassword null: the session was opened by a sign-in link, because the password is forgotten. That
 *   works once.
 * @throws Problem forbidden for an API key, and when the current password is wrong; busy as {@link logIn}.
 */
export async function changePassword(
  services: Pick<Services, 'storage' | 'clock'>,
  failedLogins: FailedLogins,
  identity: Identity,
  change: { currentPassword: string | null; newPassword: string; caller: Caller },
): Promise<void> {
  const { userId, sessionId } = identity;
  if (userId === null || sessionId === null) {
    throw new Problem(
      'forbidden',
      "An API key cannot change a password: sign in, and send the session's token instead",
    );
  }
  const { email: account, password_hash: before } = await readUser(services.storage.read, userId);
  const wrongPassword = () => new Problem('forbidden', 'The current password is not right');
  const { caller, currentPassword: password } = change;
  if (password === null) await requirePasswordReset(services, services.storage.read, sessionId);
  else if (!(await checkPassword(services, failedLogins, { account, caller, password, hash: before })))
    throw wrongPassword();
  if (before === null) throw wrongPassword();
  const passwordHash = await hashPassword(change.newPassword);
  await services.storage.write(async (session) => {
    // Another request may have changed the password meanwhile.
    if (!(await replacePasswordHash(session, userId, before, passwordHash))) throw wrongPassword();
    await endPasswordReset(session, sessionId);
    await deleteOtherSessions(session, userId, sessionId);
    await recordAudit(services, session, identity, { action: 'user.password_changed', subjectId: userId });
  });
}

/** @throws Problem forbidden. */
async function requirePasswordReset(
  services: Pick<Services, 'clock'>,
  session: Session,
  sessionId: string,
): Promise<void> {
  if (await mayResetPassword(services, session, sessionId)) return;
  throw new Problem(
    'forbidden',
    'Enter the current password. If it is forgotten, sign in with a new link of `npm run admin -- sign-in-link`: for 15 minutes that session may set a new password without it, once.',
  );
}

/**
 * Creates a user without a password, for a command of the operator.
 * @param user.organization its id; `new`: one of its own; null: the only one there is.
 * @throws Error with a text for the operator when it is not clear which organization; Problem conflict when the e-mail is
 *   taken.
 */
export async function addUser(
  services: Pick<Services, 'config' | 'storage' | 'clock' | 'chance'>,
  command: string,
  { organization, ...user }: { email: string; name: string | null; organization: number | 'new' | null },
): Promise<{ userId: number; organizationId: number }> {
  const values = { ...user, passwordHash: null };
  try {
    return await services.storage.write(async (session) => {
      const made =
        organization === 'new'
          ? await createAccount(services, session, values)
          : await addMember(services, session, await chooseOrganization(session, organization), values);
      const actor = commandActor(command, made.organizationId);
      await recordAudit(services, session, actor, { action: 'user.created', subjectId: made.userId });
      return made;
    });
  } catch (error) {
    if (error instanceof UniqueViolation)
      throw new Problem('conflict', 'Email already registered', { cause: error });
    throw error;
  }
}

async function chooseOrganization(session: Session, id: number | null): Promise<number> {
  if (id !== null) {
    if (await isOrganization(session, id)) return id;
    throw new Error(`There is no organization ${String(id)}.`);
  }
  const [only, ...others] = await listOrganizationIds(session, 0, 2);
  if (only === undefined) throw new Error('There is no organization yet: say --organization new.');
  if (others.length > 0)
    throw new Error('There are several organizations: say which one with --organization <id>.');
  return only;
}

/**
 * The user whom a command of the operator is for.
 * @param email null: the only user there is.
 * @throws Error with a text for the operator when there is no such user, or more than one.
 */
export async function chooseUser(session: Session, email: string | null): Promise<UserRow> {
  if (email !== null) {
    const user = await findUserByEmail(session, email.toLowerCase());
    if (user === undefined) throw new Error('No user has this e-mail address.');
    return user;
  }
  const [only, ...others] = await listFirstUsers(session, 2);
  if (only === undefined) throw new Error('There is no user yet: start the server once.');
  if (others.length > 0) throw new Error('There are several users: say which one with --email <address>.');
  return readUser(session, only);
}

/** @param userId null for a key without a creator. @throws Problem unauthenticated. */
export async function readUser(session: Session, userId: number | null): Promise<UserRow> {
  const user = userId === null ? undefined : await findUser(session, userId);
  if (user === undefined) throw new Problem('unauthenticated', 'User not found');
  return user;
}

export function presentUser(user: UserRow) {
  return {
    id: user.id,
    email: user.email,
    name: user.name,
    organization_id: user.organization_id,
    provider_id: user.provider_id,
  };
}

/** The users of an organization, in the order in which they came. */
export async function listOwnUsers({ storage }: Pick<Services, 'storage'>, organizationId: number) {
  return (await listUsers(storage.read, organizationId)).map((row) => ({
    id: row.id,
    email: row.email,
    name: row.name,
    created_at: row.created_at,
    has_password: row.password_hash !== null,
  }));
}
