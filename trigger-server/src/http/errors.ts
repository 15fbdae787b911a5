/** The only place where a problem meets an HTTP status. */
import type { ServerResponse } from 'node:http';
import type { ProblemCode } from '@dograh-trigger/shared';
import type { ErrorRequestHandler, RequestHandler } from 'express';
import type { Logger } from 'pino';
import { describeError } from '../describe-error';
import { Problem, type ProblemKind } from '../problem';
import { DamagedDatabase, DatabaseRefusal } from '../storage/port';

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
  not_implemented: 501,
  unavailable: 503,
  outcome_unknown: 504,
};

/** What an error is answered with. */
interface ErrorReply {
  status: number;
  headers: Record<string, string>;
  body: object;
}

/** Answers what was thrown. `send` does it, unless a reply was on its way already or the caller has gone. */
export type AnswerError = (
  response: ServerResponse,
  thrown: unknown,
  send: (reply: ErrorReply) => void,
) => void;

/**
 * Every error is answered with `{"detail": …, "code": …}`; what nobody foresaw is a 500 that tells nothing and is logged.
 * @param withCodes plain Dograh has no codes, and says of no refusal when to come again.
 */
export function createErrorAnswers(log: Logger, withCodes: boolean): AnswerError {
  const body = (detail: Problem['detail'], code: ProblemCode) => (withCodes ? { detail, code } : { detail });

  function replyTo(error: unknown): ErrorReply {
    // What a path is that cannot be decoded.
    if (error instanceof URIError) {
      return {
        status: 400,
        headers: {},
        body: body('The address of this request is not valid', 'bad_request'),
      };
    }
    if (error instanceof Problem) {
      if (error.internal !== undefined) log.warn({ kind: error.kind }, error.internal);
      const comeAgain = withCodes ? error.comeAgainSeconds : undefined;
      return {
        status: statuses[error.kind],
        headers: {
          ...(comeAgain === undefined ? {} : { 'Retry-After': String(comeAgain) }),
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
    const error = serverTrouble(log, thrown);
    // Only a streamed reply fails this late; its caller must see that it broke off.
    if (response.headersSent || response.destroyed) {
      log.error({ error: describeError(error) }, 'a reply broke off');
      response.destroy();
      return;
    }
    send(replyTo(error));
  };
}

/** For what Express serves itself. */
export function errorHandler(answer: AnswerError): ErrorRequestHandler {
  return (thrown: unknown, _request, response, _next) => {
    answer(response, thrown, ({ status, headers, body }) => {
      response.status(status).set(headers).json(body);
    });
  };
}

const passingSeconds = 5;
/** As long as somebody may need to put a backup in its place, and no caller's patience is wasted. */
const damageSeconds = 60;

/** What the server itself suffers from becomes a problem that says so: once a call is recorded, nothing of the kind reaches this place. */
function serverTrouble(log: Logger, thrown: unknown): unknown {
  if (thrown instanceof DamagedDatabase) return databaseDamaged(thrown);
  if (thrown instanceof DatabaseRefusal) return databaseUnavailable(log, thrown);
  return isOutOfDescriptors(thrown) ? descriptorsTaken(log, thrown) : thrown;
}

/** Not by `instanceof Error`: Node's own errors are of another realm in some runtimes. */
function isOutOfDescriptors(thrown: unknown): boolean {
  const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : undefined;
  return code === 'EMFILE' || code === 'ENFILE';
}

function descriptorsTaken(log: Logger, cause: unknown): Problem {
  log.error({ error: describeError(cause) }, 'a request needed a file or a connection, and none was left');
  return new Problem(
    'unavailable',
    'This server has as many files and connections open as its system allows, so it could not serve the request: nothing was done. Try again in a moment.',
    { comeAgainSeconds: passingSeconds, cause },
  );
}

function databaseDamaged(cause: unknown): Problem {
  return new Problem(
    'unavailable',
    'The database of this server is damaged: nothing was changed, and no call was placed. Whoever runs the server must put a backup in its place; `npm run admin -- doctor` says what is wrong.',
    { code: 'database_unavailable', comeAgainSeconds: damageSeconds, cause },
  );
}

/** What a caller hears of a full disk or a lock. */
function databaseUnavailable(log: Logger, cause: unknown): Problem {
  log.error({ error: describeError(cause) }, 'the database did not take a request');
  return new Problem(
    'unavailable',
    'The database of this server did not take the request: nothing was changed, and no call was placed. Try again in a moment.',
    { code: 'database_unavailable', comeAgainSeconds: passingSeconds, cause },
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
