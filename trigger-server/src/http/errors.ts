/** The only place where a problem meets an HTTP status. */
import type { ErrorRequestHandler, RequestHandler } from 'express';
import type { Logger } from 'pino';
import { describeError } from '../describe-error';
import { Problem, type ProblemKind } from '../problem';

const statuses: Record<ProblemKind, number> = {
  bad_request: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  unsupported_media_type: 415,
  range_not_satisfiable: 416,
  unprocessable: 422,
  busy: 429,
  not_implemented: 501,
  unavailable: 503,
  outcome_unknown: 504,
};

/** Answers every error with `{"detail": …}`; what nobody foresaw is a 500 that tells nothing and is logged. */
export function errorHandler(log: Logger): ErrorRequestHandler {
  return (error: unknown, _request, response, _next) => {
    // Only a streamed reply fails this late; its caller must see that it broke off.
    if (response.headersSent || response.destroyed) {
      log.error({ error: describeError(error) }, 'a reply broke off');
      response.destroy();
      return;
    }
    // What Express throws for a path that cannot be decoded.
    if (error instanceof URIError) {
      response.status(400).json({ detail: 'The address of this request is not valid' });
    } else if (error instanceof Problem) {
      if (error.internal !== undefined) log.warn({ kind: error.kind }, error.internal);
      response.status(statuses[error.kind]).set(error.headers).json({ detail: error.detail });
    } else {
      log.error({ error: describeError(error) }, 'a request failed unexpectedly');
      response.status(500).json({ detail: 'Something went wrong on the server; its log has the reason' });
    }
  };
}

export const notFound: RequestHandler = (_request, response) => {
  response.status(404).json({ detail: 'Not Found' });
};

export function methodNotAllowed(allowed: string[]): RequestHandler {
  return (_request, response) => {
    response.status(405).set('Allow', allowed.join(', ')).json({ detail: 'Method Not Allowed' });
  };
}
