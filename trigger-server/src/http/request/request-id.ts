/**
 * The id of a request: from its header `X-Request-Id`, so that a caller, a proxy and this server name it alike, or a new
 * one. Every reply returns it, and the log lines of the request have it as `requestId`.
 */
import type { Request, Response } from 'express';
import type { Chance } from '../../clock';

export const requestIdHeader = 'X-Request-Id';

/** Safe in a header and in a log. */
const acceptable = /^[\w.:=-]{1,128}$/;

/**
 * The ids that programs make: a UUID, a hexadecimal trace id (https://www.w3.org/TR/trace-context/#trace-id), and that of
 * Amazon's load balancers (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html).
 * Each of them may have many digits in a row.
 */
const made = [
  /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i,
  /^(?=.*[a-f])(?:[\da-f]{16}|[\da-f]{32})$/i,
  /^Root=1-[\da-f]{8}-[\da-f]{24}$/i,
];

/** Seven digits, whatever stands between them, may be a phone number. The audit trail keeps ids for ever. */
const mayHoldNumber = /(?:\d[_.:=-]*){7}/;

/**
 * Chooses the id of a request that has arrived. An id that is too long, has other characters or may hold a phone number is
 * replaced.
 */
export function takeRequestId(request: Request, response: Response, chance: Pick<Chance, 'uuid'>): void {
  const given = request.headers['x-request-id'];
  response.locals.requestId = typeof given === 'string' && mayBeKept(given) ? given : chance.uuid();
}

function mayBeKept(id: string): boolean {
  return acceptable.test(id) && (made.some((form) => form.test(id)) || !mayHoldNumber.test(id));
}

export function requestIdOf({ locals }: Response): string {
  return typeof locals.requestId === 'string' ? locals.requestId : '';
}
