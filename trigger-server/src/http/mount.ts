/** Puts declared routes on an Express router: authenticate, check path and query, read and check the body, handle. */
import { pipeline } from 'node:stream/promises';
import type { Request, Response, Router } from 'express';
import { Problem } from '../problem';
import { readJsonBody } from './body';
import { methodNotAllowed } from './errors';
import { StreamedReply, type Identity, type Route, type RouteAuthentication } from './route';
import { validate } from './validation';

/** @throws Problem unauthenticated. */
export type Authenticate = (headers: {
  apiKey: string | undefined;
  authorization: string | undefined;
}) => Promise<Identity>;
export type Authenticators = Record<Exclude<RouteAuthentication, 'none'>, Authenticate>;

export function mountRoutes(router: Router, routes: readonly Route[], authenticators: Authenticators): void {
  const methodsByPath = new Map<string, string[]>();
  for (const route of routes) {
    const path = route.path.replace(/\{(\w+)\}/g, ':$1');
    router[route.method](path, serve(route, authenticators));
    methodsByPath.set(path, [...(methodsByPath.get(path) ?? []), route.method.toUpperCase()]);
  }
  for (const [path, methods] of methodsByPath) router.all(path, methodNotAllowed(methods));
}

function serve(route: Route, authenticators: Authenticators) {
  return async (request: Request, response: Response): Promise<void> => {
    response.locals.route = route.path;
    const identity =
      route.auth === 'none'
        ? undefined
        : await authenticators[route.auth]({
            apiKey: request.get('x-api-key'),
            authorization: request.get('authorization'),
          });
    const params = route.params === undefined ? {} : readParams(route, route.params, request);
    const query = route.query === undefined ? {} : validate(route.query, request.query, 'query');
    const body =
      route.body === undefined
        ? undefined
        : validate(route.body, await readJsonBody(request, response), 'body');
    const reply = await route.handle(
      {
        method: request.method,
        params: params as never,
        query: query as never,
        body: body as never,
        header: (name) => request.get(name),
        setHeader: (name, value) => response.set(name, value),
        noteRun: (runId) => {
          response.locals.runId = runId;
        },
      },
      identity as never,
    );
    if (reply instanceof StreamedReply) await sendStream(reply, request, response);
    else response.status(route.successStatus ?? 200).json(reply);
  };
}

/** A stream that fails breaks the connection, so that a part is not taken for the whole. */
async function sendStream(reply: StreamedReply, request: Request, response: Response): Promise<void> {
  const { contentType, stream, extras } = reply;
  // A file that is let go of while it is being opened still fails later; an error that nobody hears ends the process.
  stream.on('error', () => undefined);
  // To a caller who is gone already, the pipeline of Node 24 does not begin: it would leave the stream open.
  if (response.destroyed) {
    stream.destroy();
    return;
  }
  response.status(extras.status ?? 200).set({ ...extras.headers, 'Content-Type': contentType });
  if (request.method === 'HEAD') {
    stream.destroy();
    response.end();
    return;
  }
  try {
    await pipeline(stream, response);
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

/** A caller who has had enough and goes is no fault of anybody's. */
function isGone(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return code === 'ERR_STREAM_PREMATURE_CLOSE';
}

function readParams(route: Route, schema: NonNullable<Route['params']>, request: Request): unknown {
  try {
    return validate(schema, request.params, 'path');
  } catch (error) {
    if (error instanceof Problem && route.notFound !== undefined) {
      throw new Problem(
        'not_found',
        route.notFound.replace(/\{(\w+)\}/g, (_, name: string) => String(request.params[name])),
      );
    }
    throw error;
  }
}
