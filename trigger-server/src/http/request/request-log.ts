/**
 * One log line per request: its ids, method, route pattern, status, duration and run. Never URL, query or headers, which may
 * hold phone numbers and keys.
 */
import type { Request, Response } from 'express';
import type { Logger } from 'pino';
import type { Chance } from '../../clock';
import { requestIdOf, takeRequestId } from './request-id';
import { readTrace } from './trace-context';

/** @returns a function to call when a request arrives; the line is written when the request is over. */
export function requestLog(
  log: Logger,
  chance: Pick<Chance, 'uuid'>,
): (request: Request, response: Response) => void {
  return (request, response) => {
    const { method } = request;
    takeRequestId(request, response, chance);
    const start = Date.now();
    // Emitted once: when the reply has been sent, or when the caller has disconnected.
    response.on('close', () => {
      const { route, runId } = response.locals;
      const status = response.statusCode;
      log[status >= 500 ? 'error' : 'info'](
        {
          ...logIdsOf(response),
          method,
          route: typeof route === 'string' ? route : 'unmatched',
          status,
          ...(typeof runId === 'number' ? { runId } : {}),
          durationMs: Date.now() - start,
        },
        'request',
      );
    });
    response.on('error', ignore);
  };
}

/** The ids that every log line of a request has. */
export function logIdsOf(response: Response): { requestId: string; traceId?: string } {
  const requestId = requestIdOf(response);
  const trace = readTrace(response.req.headers);
  return trace === null ? { requestId } : { requestId, traceId: trace.traceId };
}

/** Writing to a caller that has disconnected fails, and an error event without a listener would end the process. */
function ignore(): void {
  // There is nobody to report it to.
}
