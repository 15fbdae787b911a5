/**
 * One log line per request: its id, method, route pattern, status, duration and run. Never URL, query or headers, which may
 * hold phone numbers and keys.
 */
import type { Request, Response } from 'express';
import type { Logger } from 'pino';
import type { Chance } from '../../clock';
import { takeRequestId } from './request-id';

/** @returns a function to call when a request arrives; the line is written when the request is over. */
export function requestLog(
  log: Logger,
  chance: Pick<Chance, 'uuid'>,
): (request: Request, response: Response) => void {
  return (request, response) => {
    const { method } = request;
    const requestId = takeRequestId(request, response, chance);
    const start = Date.now();
    // Emitted once: when the reply has been sent, or when the caller has disconnected.
    response.on('close', () => {
      const { route, runId } = response.locals;
      const status = response.statusCode;
      log[status >= 500 ? 'error' : 'info'](
        {
          requestId,
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

/** Writing to a caller that has disconnected fails, and an error event without a listener would end the process. */
function ignore(): void {
  // There is nobody to report it to.
}
