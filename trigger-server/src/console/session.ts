/** A session as the console sees it. */
import type { ConsoleSession } from '@dograh-trigger/shared';
import { csrfToken } from '../accounts/sign-in/csrf-token';
import { findOpenSession, mayResetPassword } from '../accounts/sign-in/sessions';
import { readUser } from '../accounts/users';
import { Problem } from '../problem';
import type { Services } from '../services';

/** @throws Problem unauthenticated when the user no longer exists. */
export async function describeSession(
  services: Pick<Services, 'storage' | 'clock' | 'secrets'>,
  { sessionId, userId }: { sessionId: string; userId: number },
): Promise<ConsoleSession> {
  const { id, email, name, organization_id, password_hash } = await readUser(services.storage.read, userId);
  return {
    user: { id, email, name },
    organization_id,
    csrf_token: csrfToken(services, sessionId),
    has_password: password_hash !== null,
    can_reset_password: await mayResetPassword(services, services.storage.read, sessionId),
  };
}

/** @throws Problem unauthenticated when the session of this token has ended meanwhile. */
export async function describeSessionOf(
  services: Pick<Services, 'storage' | 'clock' | 'secrets' | 'log'>,
  token: string,
): Promise<ConsoleSession> {
  const session = await findOpenSession(services, token);
  if (session === null) throw new Problem('unauthenticated', 'This session has ended: sign in again');
  return describeSession(services, session);
}
