/**
 * One line a request: method, route pattern, status, duration and run. Never URL, query or headers, which hold
 * phone numbers and keys.
 */
import type { Request, Response } from 'express';
import type { Logger } from 'pino';

/** @returns what is told of each request when it comes, and writes its line when it is over. */
export function requestLog(log: Logger): (request: Request, response: Response) => void {
  let requests = 0;
  return ({ method }, response) => {
    requests += 1;
    const reqId = requests;
    const start = Date.now();
    // Comes once: after the reply was handed over, or when the caller has gone.
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

/** Something is written to a caller who has gone: an error that nobody hears would end the process. */
function ignore(): void {
  // Nobody is left to be told.
}
