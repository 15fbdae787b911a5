/**
 * One line a request: method, route pattern, status, duration and run. Never URL, query or headers, which hold
 * phone numbers and keys (pino-http's defaults log all three).
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Response } from 'express';
import type { Logger } from 'pino';
import { pinoHttp } from 'pino-http';

function facts(request: IncomingMessage, response: ServerResponse): object {
  const locals = (response as Response).locals;
  return {
    method: request.method,
    route: typeof locals.route === 'string' ? locals.route : 'unmatched',
    status: response.statusCode,
    ...(typeof locals.runId === 'number' ? { runId: locals.runId } : {}),
  };
}

export function requestLog(log: Logger) {
  return pinoHttp({
    logger: log,
    quietReqLogger: true,
    quietResLogger: true,
    serializers: { req: () => undefined, res: () => undefined, err: () => undefined },
    customSuccessMessage: () => 'request',
    customErrorMessage: () => 'request',
    customLogLevel: (_request, response) => (response.statusCode >= 500 ? 'error' : 'info'),
    customSuccessObject: (request, response, loggable: { responseTime: number }) => ({
      ...facts(request, response),
      durationMs: loggable.responseTime,
    }),
    customErrorObject: (request, response, _error, loggable: { responseTime: number }) => ({
      ...facts(request, response),
      durationMs: loggable.responseTime,
    }),
  });
}
