/** The CSRF token of a session: an HMAC of its id, so that there is nothing to store. */
import { createHmac } from 'node:crypto';
import { sameSecret } from '../../same-secret';
import { verifyingKeys, type SigningKeys } from '../../secrets';
import type { Services } from '../../services';

export function csrfToken({ secrets }: Pick<Services, 'secrets'>, sessionId: string): string {
  return macOf(secrets, sessionId);
}

/** Whether `given` is the CSRF token of this session. */
export function isCsrfToken(
  { secrets }: Pick<Services, 'secrets'>,
  sessionId: string | null,
  given: string | undefined,
): boolean {
  if (sessionId === null) return false;
  return verifyingKeys(secrets).some((keys) => sameSecret(macOf(keys, sessionId), given));
}

function macOf({ csrfKey }: Pick<SigningKeys, 'csrfKey'>, sessionId: string): string {
  return createHmac('sha256', csrfKey).update(sessionId).digest('base64url');
}
