/** Puts declared routes on an Express router: authenticate, check path and query, read and check the body, handle. */
import { pipeline } from 'node:stream/promises';
import type { Request, Response, Router } from 'express';
import { Problem } from '../problem';
import type { Admit } from './admission';
import { readJsonBody } from './body';
import { callerOf } from './caller-address';
import { methodNotAllowed } from './errors';
import { boundedNames, ignoredFieldsHeader } from './ignored-fields';
import { requestOrigin } from './origin';
import { StreamedReply, type Route } from './route';
import { isJsonObject, judgeFields, rulesOfBody, type FieldRules } from './unknown-fields';
import { validate } from './validation';

/** @param judgesFields plain Dograh drops what it does not know, without a word. */
export function mountRoutes(
  router: Router,
  routes: readonly Route[],
  admit: Admit,
  judgesFields: boolean,
): void {
  const methodsByPath = new Map<string, string[]>();
  for (const route of routes) {
    const path = route.path.replace(/\{(\w+)\}/g, ':$1');
    const rules = judgesFields ? rulesOfBody(route) : undefined;
    router[route.method](path, serve(route, admit, rules, judgesFields));
    methodsByPath.set(path, [...(methodsByPath.get(path) ?? []), route.method.toUpperCase()]);
  }
  for (const [path, methods] of methodsByPath) router.all(path, methodNotAllowed(methods));
}

function serve(route: Route, admit: Admit, rules: FieldRules | undefined, judgesFields: boolean) {
  return async (request: Request, response: Response): Promise<void> => {
    response.locals.route = route.path;
    const identity = await admit(route, request);
    const params = route.params === undefined ? {} : readParams(route, route.params, request);
    const query = route.query === undefined ? {} : validate(route.query, request.query, 'query');
    const { body, ignoredFields } = await readBody(route, rules, request, response);
    const reply = await route.handle(
      {
        method: request.method,
        params: params as never,
        query: query as never,
        body: body as never,
        ignoredFields,
        header: (name) => request.get(name),
        get caller() {
          return callerOf(request);
        },
        get origin() {
          return requestOrigin(request);
        },
        setHeader: (name, value) => response.set(name, value),
        noteRun: (runId) => {
          response.locals.runId = runId;
        },
      },
      identity as never,
    );
    if (judgesFields) nameIgnoredParameters(route, request, response);
    if (reply instanceof StreamedReply) await sendStream(reply, request, response);
    else response.status(route.successStatus ?? 200).json(reply);
  };
}

/** What the route does not know is named in the reply, whatever becomes of the request. */
async function readBody(
  route: Route,
  rules: FieldRules | undefined,
  request: Request,
  response: Response,
): Promise<{ body: unknown; ignoredFields: string[] }> {
  if (route.body === undefined) return { body: undefined, ignoredFields: [] };
  const given = await readJsonBody(request, response);
  if (rules === undefined || !isJsonObject(given)) {
    return { body: validate(route.body, given, 'body'), ignoredFields: [] };
  }
  const names = judgeFields(rules, given);
  const values = route.judgeBody?.(given) ?? { faults: [], ignored: [] };
  const ignoredFields = boundedNames([...names.ignored, ...values.ignored]);
  const header = ignoredFieldsHeader(ignoredFields);
  if (header !== null) response.set('Ignored-Fields', header);
  const body = validate(route.body, given, 'body', [...names.faults, ...values.faults]);
  return { body, ignoredFields };
}

/** What a route does not know in a query did nothing, and its reply says so. */
function nameIgnoredParameters(route: Route, request: Request, response: Response): void {
  // Most requests have no query, and to parse one costs more than to see that.
  if (!request.url.includes('?')) return;
  const known = route.query?.shape ?? {};
  const unknown = Object.keys(request.query).filter((name) => !Object.hasOwn(known, name));
  const header = ignoredFieldsHeader(unknown);
  if (header !== null) response.append('Ignored-Fields', header);
}

/** A stream that fails breaks the connection, so that a part is not taken for the whole. */
async function sendStream(reply: StreamedReply, request: Request, response: Response): Promise<void> {
  const { contentType, open, extras } = reply;
  const isHead = request.method === 'HEAD';
  // An open that fails is answered as what it is, without the headers of a success.
  const stream = isHead || response.destroyed ? undefined : await open();
  // A file that is let go of may fail later; an error that nobody hears ends the process.
  stream?.on('error', () => undefined);
  // To a caller who is gone already, the pipeline of Node 24 does not begin: it would leave the stream open.
  if (response.destroyed) {
    stream?.destroy();
    return;
  }
  response.status(extras.status ?? 200).set({ ...extras.headers, 'Content-Type': contentType });
  if (stream === undefined) {
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
