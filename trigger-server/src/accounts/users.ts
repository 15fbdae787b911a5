/** Signing up, logging in, and who one is. */
import type { Caller } from '../http/caller-address';
import { Problem } from '../problem';
import type { Services } from '../services';
import { isUniqueViolation } from '../storage/sqlite';
import type { FailedLogins } from './failed-logins';
import { createAccount } from './organizations';
import { hashPassword, isRightPassword } from './passwords';
import { findUser, findUserByEmail, type UserRow } from './store';
import { issueToken } from './tokens';

/** @throws Problem forbidden when sign-up is off; conflict when the e-mail is taken. */
export async function signUp(
  services: Services,
  wish: { email: string; password: string; name: string | null },
) {
  if (!services.config.signupEnabled) throw new Problem('forbidden', 'Signup is disabled');
  const email = wish.email.toLowerCase();
  const passwordHash = await hashPassword(wish.password);
  try {
    const { userId } = await services.storage.write((session) =>
      createAccount(services, session, { email, passwordHash, name: wish.name }),
    );
    return openSession(services, await readUser(services, userId));
  } catch (error) {
    if (isUniqueViolation(error)) throw new Problem('conflict', 'Email already registered', { cause: error });
    throw error;
  }
}

/**
 * @throws Problem unauthenticated, in the same words and time for an unknown e-mail as for a wrong password; busy after
 * too many wrong passwords, whether the account exists or not.
 */
export async function logIn(
  services: Services,
  failedLogins: FailedLogins,
  { email, password, caller }: { email: string; password: string; caller: Caller },
) {
  const account = email.toLowerCase();
  const address = caller.isLocal ? null : caller.address;
  const now = () => services.clock.steady().getTime();
  failedLogins.check(account, address, now());
  const user = await findUserByEmail(services.storage.read, account);
  const isRight = await isRightPassword(password, user?.password_hash ?? null);
  if (user === undefined || !isRight) {
    failedLogins.failed(account, address, now());
    throw new Problem('unauthenticated', 'Invalid email or password');
  }
  failedLogins.succeeded(account);
  return openSession(services, user);
}

/** @param userId null for a key that acts for nobody. @throws Problem unauthenticated. */
export async function readUser(services: Services, userId: number | null): Promise<UserRow> {
  const user = userId === null ? undefined : await findUser(services.storage.read, userId);
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

function openSession(services: Services, user: UserRow) {
  return { token: issueToken(services, user), user: presentUser(user) };
}
