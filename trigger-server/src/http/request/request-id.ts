/**
 * The id of a request: from its header `X-Request-Id`, so that a caller, a proxy and this server name it alike, or a new
 * one. Every reply returns it, and the log lines of the request have it as `requestId`.
 */
import type { Request, Response } from 'express';
import type { Chance } from '../../clock';

export const requestIdHeader = 'X-Request-Id';

/**
 * Safe in a header and in a log, and never a phone number: it has a letter. Fits a UUID, a hexadecimal trace id and the ids
 * of common proxies.
 */
const acceptable = /^(?=.*[A-Za-z])[\w.:=-]{1,128}$/;

/** Chooses the id of a request that has arrived. An id that is too long or has other characters is replaced. */
export function takeRequestId(request: Request, response: Response, chance: Pick<Chance, 'uuid'>): string {
  const given = request.headers['x-request-id'];
  const id = typeof given === 'string' && acceptable.test(given) ? given : chance.uuid();
  response.locals.requestId = id;
  return id;
}

export function requestIdOf({ locals }: Response): string {
  return typeof locals.requestId === 'string' ? locals.requestId : '';
}
