/** Admits a request: checks its key or session, and counts it against the request limits. */
import type { Request } from 'express';
import { callerOf, isLocal } from './limits/caller-address';
import type { RefusedKeys } from './limits/refused-keys';
import type { RequestLimits } from './limits/request-limits';
import type { Identity, Route, RouteAuthentication } from './route';

/** @throws Problem unauthenticated. */
export type Authenticate = (headers: {
  apiKey: string | undefined;
  authorization: string | undefined;
}) => Promise<Identity>;
export type Authenticators = Record<Exclude<RouteAuthentication, 'none'>, Authenticate>;

/** @throws Problem unauthenticated; busy (429) when the caller is over its request limit. */
export type Admit = (route: Route, request: Request) => Promise<Identity | undefined>;

export function createAdmission(
  authenticators: Authenticators,
  limits: RequestLimits,
  refusedKeys: RefusedKeys,
): Admit {
  return async (route, request) => {
    if (route.auth === 'none') {
      if (route.unlimited !== true) limits.countStranger(callerOf(request));
      return undefined;
    }
    const headers = { apiKey: request.get('x-api-key'), authorization: request.get('authorization') };
    let identity: Identity;
    try {
      identity = await authenticators[route.auth](headers);
    } catch (error) {
      return refusedKeys.refuse(callerOf(request), error);
    }
    limits.countIdentity(identity, isLocal(request));
    return identity;
  };
}
