/** Admits a request: checks its key or session, and counts it against the request limits. */
import type { Request } from 'express';
import { Problem } from '../../problem';
import { requireOwnOrigin } from '../cookie/own-origin';
import { readSessionCookie } from '../cookie/session-cookie';
import { requireScope } from './key-scope';
import { callerOf, isLocal } from '../limits/caller-address';
import type { RefusedKeys } from '../limits/refused-keys';
import type { RequestLimits } from '../limits/request-limits';
import type { Identity, Route, RouteAuthentication } from '../route';

/** Who makes a request, before it is known which request it is. */
export type Authenticated = Omit<Identity, 'requestId'>;

/** @throws Problem unauthenticated. */
export type Authenticate = (headers: {
  apiKey: string | undefined;
  authorization: string | undefined;
}) => Promise<Authenticated>;
export type Authenticators = Record<Exclude<RouteAuthentication, 'none'>, Authenticate>;

/** Headers of one reply, besides those that every reply has. */
export type ReplyHeaders = Record<string, string | string[]>;

/**
 * @param replyHeaders gets the headers that this kind of authentication needs.
 * @throws Problem unauthenticated; forbidden for a cookie without proof of its origin, and for a key without the scope that
 *   the route needs; busy (429) when the caller is
 *   over its request limit.
 */
export type Admit = (
  route: Route,
  request: Request,
  replyHeaders: ReplyHeaders,
) => Promise<Authenticated | undefined>;

export interface Admission {
  authenticators: Authenticators;
  /** Whether this is the CSRF token of the session. */
  isCsrfToken: (sessionId: string | null, given: string | undefined) => boolean;
  limits: RequestLimits;
  refusedKeys: RefusedKeys;
  publicBaseUrl: string | null;
}

export function createAdmission(admission: Admission): Admit {
  const { authenticators, limits, refusedKeys, publicBaseUrl } = admission;
  const admitByCookie = createCookieAdmission(admission);
  return async (route, request, replyHeaders) => {
    if (route.auth === 'none') {
      if (route.unlimited !== true) limits.countStranger(callerOf(request));
      if (route.ownOriginOnly === true) requireOwnOrigin(request, publicBaseUrl);
      return undefined;
    }
    const headers = { apiKey: request.get('x-api-key'), authorization: request.get('authorization') };
    let identity: Authenticated;
    try {
      if (headers.apiKey === undefined && headers.authorization === undefined) {
        const token = readSessionCookie(request);
        if (token !== null) return await admitByCookie(request, token, replyHeaders);
      }
      identity = await authenticators[route.auth](headers);
    } catch (error) {
      return refusedKeys.refuse(callerOf(request), error);
    }
    limits.countIdentity(identity, isLocal(request));
    requireScope(route.scope, identity.scope);
    return identity;
  };
}

/**
 * Admits a request by its session cookie. A browser sends the cookie whichever page makes the request, so the request
 * must prove that its page is of this origin. What another origin gets does not depend on whether the session is open.
 */
function createCookieAdmission({
  authenticators,
  isCsrfToken,
  limits,
  publicBaseUrl,
}: Admission): (request: Request, token: string, replyHeaders: ReplyHeaders) => Promise<Authenticated> {
  return async (request, token, replyHeaders) => {
    // No cache may hand this reply to another page.
    replyHeaders['Cache-Control'] = 'no-store';
    try {
      requireOwnOrigin(request, publicBaseUrl);
    } catch (error) {
      limits.countStranger(callerOf(request));
      throw error;
    }
    const identity = await authenticators.member({ apiKey: undefined, authorization: token });
    limits.countIdentity(identity, isLocal(request));
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (!isRead && !isCsrfToken(identity.sessionId, request.get('x-csrf-token'))) {
      throw new Problem(
        'forbidden',
        'A request with the session cookie needs the session’s csrf_token in the header X-CSRF-Token: nothing was done. GET /api/v1/console/session returns it.',
        { code: 'csrf_token_invalid' },
      );
    }
    return identity;
  };
}
