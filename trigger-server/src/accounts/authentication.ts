/** Who makes a request. The public trigger routes and the management routes have different texts in Dograh. */
import type { Authenticate } from '../http/admission';
import type { Identity } from '../http/route';
import { Problem } from '../problem';
import type { Services } from '../services';
import { findApiKey } from './api-keys';
import { findUser, type LiveApiKey } from './store';
import { findOpenSession } from './sessions';

function unauthenticated(detail: string): Problem {
  return new Problem('unauthenticated', detail);
}

/** Key only; a key without a creator is accepted. */
export function triggerAuthentication(services: Pick<Services, 'storage' | 'clock' | 'log'>): Authenticate {
  return async ({ apiKey }) => {
    if (apiKey === undefined) throw unauthenticated('Missing API key');
    const key = await findApiKey(services, apiKey);
    if (key === null) throw unauthenticated('Invalid API key');
    return byKey(key);
  };
}

function byKey({ id, organization_id, created_by }: LiveApiKey): Identity {
  return { organizationId: organization_id, userId: created_by, apiKeyId: id, sessionId: null };
}

/**
 * For what a leaked key must not do. A key whose user cannot sign in (the demo's) is all there is, so it may.
 * @throws Problem forbidden.
 */
export async function requireSignIn(
  services: Pick<Services, 'storage'>,
  identity: Identity,
  what: string,
): Promise<void> {
  if (identity.apiKeyId === null || identity.userId === null) return;
  const user = await findUser(services.storage.read, identity.userId);
  if (user?.password_hash == null) return;
  throw new Problem('forbidden', `An API key cannot ${what}: sign in, and send the session's token instead`);
}

/** A key, which acts as its creator, or a session token (`Bearer …`, or the bare token). */
export function memberAuthentication(
  services: Pick<Services, 'storage' | 'clock' | 'secrets' | 'log'>,
): Authenticate {
  return async ({ apiKey, authorization }) => {
    if (apiKey !== undefined && apiKey !== '') {
      const key = await findApiKey(services, apiKey);
      if (key === null) throw unauthenticated('Invalid or expired API key');
      if (key.created_by === null) throw unauthenticated('API key has no associated user');
      return byKey(key);
    }
    if (authorization === undefined || authorization === '')
      throw unauthenticated('Authorization header required');
    const session = await findOpenSession(services, authorization.replace(/^Bearer\s+/i, ''));
    if (session === null) throw unauthenticated('Invalid or expired token');
    return { ...session, apiKeyId: null };
  };
}
