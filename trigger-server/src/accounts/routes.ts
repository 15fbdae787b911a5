import {
  apiKey,
  authenticatedUser,
  changePasswordRequest,
  confirmation,
  createApiKeyRequest,
  createdApiKey,
  loginRequest,
  organizationUser,
  session,
  signupRequest,
  user,
} from '@dograh-trigger/shared';
import * as z from 'zod';
import { clearedSessionCookie } from '../http/cookie/session-cookie';
import { idParameter } from '../http/parameters';
import { route, type Identity, type Route } from '../http/route';
import { Problem } from '../problem';
import type { Services } from '../services';
import { addApiKey, archiveApiKey, listOwnApiKeys, reactivateApiKey } from './api-keys';
import type { FailedLogins } from './sign-in/failed-logins';
import { changePassword, listOwnUsers, logIn, presentUser, readUser, signOut, signUp } from './users';

const tag = 'Accounts';
const tooManyLogins =
  'Too many wrong passwords for this account or from this address, or too many log-ins at once. Retry-After says when to come again.';
const keyParams = z.object({ api_key_id: idParameter });
const keyNotFound = 'API key not found';
const keyRefusals = {
  403: 'The destination policy limits the calls of each key: then a signed-in user makes keys, not a key.',
};

/** What other features say about keys. */
export interface KeyRules {
  /** @throws Problem for a caller who may not create API keys. */
  mayMake(identity: Identity): Promise<void>;
  /** @throws Problem unprocessable at `body.agents` for an agent that the organization does not have. */
  haveAgents(organizationId: number, agentIds: readonly number[]): Promise<void>;
}

export function accountRoutes(
  services: Pick<Services, 'config' | 'storage' | 'clock' | 'chance' | 'secrets' | 'log'>,
  keyRules: KeyRules,
  failedLogins: FailedLogins,
): Route[] {
  return [
    route({
      method: 'post',
      path: '/auth/signup',
      tag,
      summary: 'Open an account: an organization with one user',
      auth: 'none',
      body: signupRequest,
      reply: session,
      refusals: {
        403: 'Sign-up is off.',
        409: 'The e-mail address has an account.',
        429: 'Too many people sign up or log in at once. Retry-After says when to come again.',
      },
      handle: ({ body, caller, requestId }) =>
        signUp(
          services,
          { caller, requestId },
          { email: body.email, password: body.password, name: body.name ?? null },
        ),
    }),
    route({
      method: 'post',
      path: '/auth/login',
      tag,
      summary: 'Get a session token',
      refusals: {
        401: 'The e-mail address or the password is not right.',
        429: tooManyLogins,
      },
      auth: 'none',
      body: loginRequest,
      reply: session,
      handle: ({ body: { email, password }, caller, requestId }) =>
        logIn(services, failedLogins, { email, password, caller, requestId }),
    }),
    route({
      method: 'post',
      scope: 'admin',
      path: '/auth/logout',
      tag,
      summary: 'End this session: its token stops at once',
      description: 'Only on the bundled trigger server.',
      auth: 'member',
      reply: confirmation,
      refusals: { 400: 'The request has an API key and no session.' },
      successHeaders: { 'Set-Cookie': 'Deletes the session cookie of a browser that sent cookies.' },
      handle: async (input, identity) => {
        if (identity.sessionId === null) {
          throw new Problem('bad_request', 'There is no session to end: an API key is archived instead');
        }
        await signOut(services, identity, identity.sessionId);
        if (input.header('cookie') !== undefined) {
          const { publicBaseUrl } = services.config;
          input.setHeader('Set-Cookie', clearedSessionCookie({ origin: input.origin, publicBaseUrl }));
        }
        return { success: true as const, message: 'Signed out' };
      },
    }),
    route({
      method: 'post',
      scope: 'admin',
      path: '/user/password',
      tag,
      summary: 'Change the password; all other sessions of the user end',
      description:
        'A session that a sign-in link has opened may leave out `current_password`, once, in its first 15 minutes: that replaces a forgotten password. API keys go on working: archive those that should not. Only on the bundled trigger server.',
      auth: 'member',
      body: changePasswordRequest,
      reply: confirmation,
      refusals: {
        403: 'The current password is not right or not there, or the request has an API key.',
        429: tooManyLogins,
      },
      handle: async ({ body, caller }, identity) => {
        await changePassword(services, failedLogins, identity, {
          caller,
          currentPassword: body.current_password ?? null,
          newPassword: body.new_password,
        });
        return { success: true as const, message: 'Password changed; all other sessions have ended' };
      },
    }),
    route({
      method: 'get',
      scope: 'any',
      path: '/auth/me',
      tag,
      summary: 'Who am I, and in which organization?',
      auth: 'member',
      reply: user,
      handle: async (_input, identity) => ({
        ...presentUser(await readUser(services.storage.read, identity.userId)),
        organization_id: identity.organizationId,
      }),
    }),
    route({
      method: 'get',
      scope: 'any',
      path: '/user/auth/user',
      tag,
      summary: 'Is this key good? The cheapest authenticated read',
      auth: 'member',
      reply: authenticatedUser,
      handle: async (_input, identity) => {
        const { id } = await readUser(services.storage.read, identity.userId);
        return { id, is_superuser: false };
      },
    }),
    route({
      method: 'get',
      scope: 'read',
      path: '/organizations/users',
      tag,
      summary: 'The users of the organization',
      description: 'Only on the bundled trigger server.',
      auth: 'member',
      reply: z.array(organizationUser),
      handle: (_input, { organizationId }) => listOwnUsers(services, organizationId),
    }),
    route({
      method: 'get',
      scope: 'read',
      path: '/user/api-keys',
      tag,
      summary: 'The organization’s API keys',
      auth: 'member',
      query: z.object({ include_archived: z.stringbool().default(false) }),
      reply: z.array(apiKey),
      handle: ({ query }, identity) =>
        listOwnApiKeys(services, identity.organizationId, query.include_archived),
    }),
    route({
      method: 'post',
      scope: 'admin',
      path: '/user/api-keys',
      tag,
      summary: 'Create an API key; it is shown this once',
      auth: 'member',
      body: createApiKeyRequest,
      reply: createdApiKey,
      refusals: keyRefusals,
      handle: async ({ body }, identity) => {
        await keyRules.mayMake(identity);
        const { scope, agents = null, expires_at: expiresAt } = body;
        if (agents !== null) await keyRules.haveAgents(identity.organizationId, agents);
        const key = await addApiKey(services, identity, {
          userId: identity.userId,
          name: body.name,
          scope,
          agentIds: agents,
          expiresAt: expiresAt == null ? null : new Date(expiresAt),
        });
        return {
          id: key.id,
          name: key.name,
          key_prefix: key.prefix,
          api_key: key.key,
          created_at: key.createdAt,
        };
      },
    }),
    route({
      method: 'delete',
      scope: 'admin',
      path: '/user/api-keys/{api_key_id}',
      tag,
      summary: 'Archive an API key: it stops at once',
      auth: 'member',
      params: keyParams,
      notFound: keyNotFound,
      reply: confirmation,
      refusals: { 404: 'There is no such key in this organization.' },
      handle: async ({ params }, identity) => {
        await archiveApiKey(services, identity, params.api_key_id);
        return { success: true as const, message: 'API key archived successfully' };
      },
    }),
    route({
      method: 'put',
      scope: 'admin',
      path: '/user/api-keys/{api_key_id}/reactivate',
      tag,
      summary: 'Bring an archived API key back',
      auth: 'member',
      params: keyParams,
      notFound: keyNotFound,
      reply: confirmation,
      refusals: { ...keyRefusals, 404: 'There is no such key in this organization.' },
      handle: async ({ params }, identity) => {
        await keyRules.mayMake(identity);
        await reactivateApiKey(services, identity, params.api_key_id);
        return { success: true as const, message: 'API key reactivated successfully' };
      },
    }),
  ];
}
