/**
 * One line a request: method, route pattern, status, duration and run. Never URL, query or headers, which hold
 * phone numbers and keys.
 */
import type { RequestHandler } from 'express';
import type { Logger } from 'pino';

export function requestLog(log: Logger): RequestHandler {
  let requests = 0;
  return ({ method }, response, next) => {
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
    // Something is written to a caller who has gone: an error that nobody hears would end the process.
    response.on('error', () => undefined);
    next();
  };
}
