/**
 * One log line per request: method, route pattern, status, duration and run. Never URL, query or headers, which may
 * hold phone numbers and keys.
 */
import type { Request, Response } from 'express';
import type { Logger } from 'pino';

/** @returns a function to call when a request arrives; the line is written when the request is over. */
export function requestLog(log: Logger): (request: Request, response: Response) => void {
  let requests = 0;
  return ({ method }, response) => {
    requests += 1;
    const reqId = requests;
    const start = Date.now();
    // Emitted once: when the reply has been sent, or when the caller has disconnected.
    response.on('close', () => {
      const { route, runId } = response.locals;
      const status = response.statusCode;
      log[status >= 500 ? 'error' : 'info'](
        {
          reqId,
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
