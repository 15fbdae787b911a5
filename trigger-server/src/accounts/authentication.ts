/**
 * Finds out who makes a request. Dograh's public trigger routes and its management routes have different error texts.
 */
import type { Authenticate, Authenticated } from '../http/access/admission';
import type { Identity } from '../http/route';
import { Problem } from '../problem';
import type { Services } from '../services';
import { findApiKey } from './api-keys';
import { parseIds, findUser, isApiKeyLive, type LiveApiKey } from './store';
import { findOpenSession, isSessionOpen } from './sign-in/sessions';

function unauthenticated(detail: string): Problem {
  return new Problem('unauthenticated', detail);
}

/** Accepts API keys only, also one without a creator. */
export function triggerAuthentication(services: Pick<Services, 'storage' | 'clock' | 'log'>): Authenticate {
  return async ({ apiKey }) => {
    if (apiKey === undefined) throw unauthenticated('Missing API key');
    const key = await findApiKey(services, apiKey);
    if (key === null) throw unauthenticated('Invalid API key');
    return identityOfKey(key);
  };
}

function identityOfKey(key: LiveApiKey): Authenticated {
  return {
    organizationId: key.organization_id,
    userId: key.created_by,
    apiKeyId: key.id,
    sessionId: null,
    scope: key.scope,
    agentIds: parseIds(key.agent_ids),
  };
}

/**
 * Refuses API keys an action that a leaked key must not be able to do. A key whose user has no password (the demo user)
 * is allowed, because that user cannot sign in.
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

/** Whether the session of a member has not ended since, or the key was neither archived nor has expired. It does not count as use. */
export async function isIdentityValid(
  services: Pick<Services, 'storage' | 'clock'>,
  { apiKeyId, sessionId, userId }: Identity,
): Promise<boolean> {
  if (apiKeyId !== null) {
    return isApiKeyLive(services.storage.read, apiKeyId, services.clock.now().toISOString());
  }
  return sessionId !== null && userId !== null && isSessionOpen(services, { sessionId, userId });
}

/** Accepts an API key, which acts as its creator, or a session token (`Bearer …` or the bare token). */
export function memberAuthentication(
  services: Pick<Services, 'storage' | 'clock' | 'secrets' | 'log'>,
): Authenticate {
  return async ({ apiKey, authorization }) => {
    if (apiKey !== undefined && apiKey !== '') {
      const key = await findApiKey(services, apiKey);
      if (key === null) throw unauthenticated('Invalid or expired API key');
      if (key.created_by === null) throw unauthenticated('API key has no associated user');
      return identityOfKey(key);
    }
    if (authorization === undefined || authorization === '')
      throw unauthenticated('Authorization header required');
    const session = await findOpenSession(services, authorization.replace(/^Bearer\s+/i, ''));
    if (session === null) throw unauthenticated('Invalid or expired token');
    return { ...session, apiKeyId: null, scope: 'admin', agentIds: null };
  };
}
