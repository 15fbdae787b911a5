/** The only place that maps problems to HTTP statuses. */
import type { ProblemCode } from '@dograh-trigger/shared';
import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import { describeError } from '../describe-error';
import { Problem, type ProblemKind } from '../problem';
import { DamagedDatabase, DatabaseRefusal, UnknownCommit } from '../storage/port';
import { logIdsOf } from './request/request-log';

const statuses: Record<ProblemKind, number> = {
  bad_request: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  too_large: 413,
  unsupported_media_type: 415,
  range_not_satisfiable: 416,
  unprocessable: 422,
  busy: 429,
  failed: 500,
  not_implemented: 501,
  unavailable: 503,
  outcome_unknown: 504,
};

export function statusOf({ kind }: Problem): number {
  return statuses[kind];
}

/** The reply to an error. */
interface ErrorReply {
  status: number;
  headers: Record<string, string>;
  body: object;
}

/**
 * Answers a request whose handler threw. `send` writes the reply, unless one has begun or the caller has disconnected.
 */
export type AnswerError = (response: Response, thrown: unknown, send: (reply: ErrorReply) => void) => void;

/**
 * Every error is answered with `{"detail": …, "code": …}`. An unexpected one is a 500 without details, and is logged.
 * @param withCodes false for plain Dograh, which sends neither codes nor `Retry-After`.
 */
export function createErrorAnswers(serverLog: Logger, withCodes: boolean): AnswerError {
  const body = (detail: Problem['detail'], code: ProblemCode) => (withCodes ? { detail, code } : { detail });

  function replyTo(log: Logger, error: unknown): ErrorReply {
    // Thrown for a path that cannot be decoded.
    if (error instanceof URIError) {
      return {
        status: 400,
        headers: {},
        body: body('The address of this request is not valid', 'bad_request'),
      };
    }
    if (error instanceof Problem) {
      if (error.internal !== undefined) log.warn({ kind: error.kind }, error.internal);
      const retryAfter = withCodes ? error.retryAfterSeconds : undefined;
      return {
        status: statuses[error.kind],
        headers: {
          ...(retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) }),
          ...error.headers,
        },
        body: body(error.detail, error.code),
      };
    }
    log.error({ error: describeError(error) }, 'a request failed unexpectedly');
    return {
      status: 500,
      headers: {},
      body: body('Something went wrong on the server; its log has the reason', 'internal_error'),
    };
  }

  return (response, thrown, send) => {
    const log = serverLog.child(logIdsOf(response));
    const error = serverTrouble(log, thrown);
    // Only a streamed reply fails this late. The connection is broken so that the caller does not take a part for the
    // whole.
    if (response.headersSent || response.destroyed) {
      log.error({ error: describeError(error) }, 'a reply broke off');
      response.destroy();
      return;
    }
    send(replyTo(log, error));
  };
}

/** The error handler of the routes that Express serves itself. */
export function errorHandler(answer: AnswerError): ErrorRequestHandler {
  return (thrown: unknown, _request, response, _next) => {
    answer(response, thrown, ({ status, headers, body }) => {
      response.status(status).set(headers).json(body);
    });
  };
}

const passingSeconds = 5;
/** Restoring a backup takes a while, so callers need not ask sooner. */
const damageSeconds = 60;

/**
 * Turns failures of the server itself into problems. They say that no call was placed: such a failure never gets here
 * once a call is recorded.
 */
function serverTrouble(log: Logger, thrown: unknown): unknown {
  if (thrown instanceof DamagedDatabase) return databaseDamaged(thrown);
  if (thrown instanceof DatabaseRefusal) return databaseUnavailable(log, thrown);
  return isOutOfDescriptors(thrown) ? descriptorsTaken(log, thrown) : thrown;
}

/** Not by `instanceof Error`: in some runtimes Node's own errors belong to another realm. */
function isOutOfDescriptors(thrown: unknown): boolean {
  const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : undefined;
  return code === 'EMFILE' || code === 'ENFILE';
}

function descriptorsTaken(log: Logger, cause: unknown): Problem {
  log.error({ error: describeError(cause) }, 'a request needed a file or a connection, and none was left');
  return new Problem(
    'unavailable',
    'This server has as many files and connections open as its system allows, so it could not serve the request: nothing was done. Try again in a moment.',
    { retryAfterSeconds: passingSeconds, cause },
  );
}

function databaseDamaged(cause: unknown): Problem {
  return new Problem(
    'unavailable',
    'The database of this server is damaged: nothing was changed, and no call was placed. Whoever runs the server must put a backup in its place; `npm run admin -- doctor` says what is wrong.',
    { code: 'database_unavailable', retryAfterSeconds: damageSeconds, cause },
  );
}

/** The reply when the disk is full, the database is locked, or does not answer. */
function databaseUnavailable(log: Logger, cause: unknown): Problem {
  log.error({ error: describeError(cause) }, 'the database did not take a request');
  return new Problem(
    'unavailable',
    cause instanceof UnknownCommit
      ? 'The database of this server did not answer in time: no call was placed, and it is not known whether anything else was changed. Try again in a moment.'
      : 'The database of this server did not take the request: nothing was changed, and no call was placed. Try again in a moment.',
    { code: 'database_unavailable', retryAfterSeconds: passingSeconds, cause },
  );
}

export const notFound: RequestHandler = () => {
  throw new Problem('not_found', 'Not Found');
};

export function methodNotAllowed(allowed: string[]): RequestHandler {
  return () => {
    throw new Problem('method_not_allowed', 'Method Not Allowed', {
      headers: { Allow: allowed.join(', ') },
    });
  };
}
