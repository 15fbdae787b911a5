/** Answers declared routes: authenticate, check path and query, read and check the body, handle. */
import { pipeline } from 'node:stream/promises';
import type { Request, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import { Problem } from '../problem';
import type { Admit, ReplyHeaders } from './access/admission';
import { readJsonBody } from './body/body';
import { openUpload } from './body/upload';
import { callerOf } from './limits/caller-address';
import type { AnswerError } from './errors';
import { boundedNames, ignoredFieldsHeader } from './body/ignored-fields';
import { requestOrigin } from './origin';
import { apiHeaders } from './reply-headers';
import { requestIdHeader, requestIdOf } from './request/request-id';
import { logIdsOf } from './request/request-log';
import { readTrace } from './request/trace-context';
import { routeMatcher } from './route-matcher';
import { StreamedReply, type Identity, type Route } from './route';
import { isJsonObject, judgeFields, rulesOfBody, type FieldRules } from './body/unknown-fields';
import { validate } from './validation';

type Serve = (
  request: Request,
  response: Response,
  params: Record<string, string>,
  headers: ReplyHeaders,
) => Promise<void>;

export interface Serving {
  admit: Admit;
  answerError: AnswerError;
  /** Whether unknown fields are judged. Plain Dograh drops them silently. */
  judgesFields: boolean;
  log: Logger;
}

/**
 * @param base the prefix of the routes' paths, without a trailing slash.
 * @returns one middleware that answers all routes. It passes on OPTIONS and every path that is not declared.
 */
export function serveRoutes(base: string, routes: readonly Route[], serving: Serving): RequestHandler {
  const find = routeMatcher(
    routes.map((route) => ({ method: route.method, path: route.path, target: prepare(route, serving) })),
  );
  const start = `${base}/`;
  return (request, response, next) => {
    const { method, path } = request;
    if (method === 'OPTIONS' || path.slice(0, start.length).toLowerCase() !== start) {
      next();
      return;
    }
    const headers: ReplyHeaders = { [requestIdHeader]: requestIdOf(response) };
    const fail = (thrown: unknown) => {
      serving.answerError(response, thrown, ({ status, headers: ofError, body }) => {
        sendJson(request, response, status, { ...headers, ...ofError }, body);
      });
    };
    try {
      const match = find(method, path.slice(base.length));
      if (match === null) next();
      else match.target(request, response, match.params, headers).catch(fail).catch(next);
    } catch (error) {
      fail(error);
    }
  };
}

/** Does once whatever is the same for every request of a route. */
function prepare(route: Route, { admit, judgesFields, log }: Serving): Serve {
  const rules = judgesFields ? rulesOfBody(route) : undefined;
  return async (request, response, givenParams, headers) => {
    response.locals.route = route.path;
    const admitted = await admit(route, request, headers);
    const requestId = requestIdOf(response);
    const identity: Identity | undefined = admitted === undefined ? undefined : { ...admitted, requestId };
    const params = route.params === undefined ? {} : readParams(route, route.params, givenParams);
    const query = route.query === undefined ? {} : validate(route.query, request.query, 'query');
    const { body, ignoredFields } = await readBody(route, rules, request, headers);
    let status: number = route.successStatus ?? 200;
    const reply = await route.handle(
      {
        method: request.method,
        params: params as never,
        query: query as never,
        body: body as never,
        get upload() {
          return openUpload(route, request);
        },
        ignoredFields,
        header: (name) => request.get(name),
        requestId,
        get log() {
          return log.child(logIdsOf(response));
        },
        get trace() {
          return readTrace(request.headers);
        },
        get caller() {
          return callerOf(request);
        },
        get origin() {
          return requestOrigin(request);
        },
        setStatus: (given) => {
          status = given;
        },
        setHeader: (name, value) => {
          headers[name] = value;
        },
        noteRun: (runId) => {
          response.locals.runId = runId;
        },
      },
      identity as never,
    );
    if (judgesFields) nameIgnoredParameters(route, request, headers);
    if (reply instanceof StreamedReply) await sendStream(reply, request, response, headers);
    else sendJson(request, response, status, headers, reply);
  };
}

/** A flat list of names and values, which `writeHead` handles fastest. */
const commonHead = Object.entries(apiHeaders).flat();

/** Sends head and body in one write. */
function sendJson(
  request: Request,
  response: Response,
  status: number,
  headers: ReplyHeaders,
  value: unknown,
): void {
  const head: (string | string[])[] = [...commonHead];
  for (const name in headers) head.push(name, headers[name] ?? '');
  response.statusCode = status;
  // The caller's conditional headers say that it has this reply already.
  if (request.fresh) {
    response.writeHead(304, head).end();
    return;
  }
  const body = JSON.stringify(value);
  head.push('Content-Type', 'application/json; charset=utf-8');
  head.push('Content-Length', String(Buffer.byteLength(body)));
  response.writeHead(status, head);
  response.end(body);
}

/** Lists ignored names in the reply headers, even when the request fails later. */
async function readBody(
  route: Route,
  rules: FieldRules | undefined,
  request: Request,
  headers: ReplyHeaders,
): Promise<{ body: unknown; ignoredFields: string[] }> {
  if (route.body === undefined) return { body: undefined, ignoredFields: [] };
  const given = await readJsonBody(request);
  if (rules === undefined || !isJsonObject(given)) {
    return { body: validate(route.body, given, 'body'), ignoredFields: [] };
  }
  const names = judgeFields(rules, given);
  const values = route.judgeBody?.(given) ?? { faults: [], ignored: [] };
  const ignoredFields = boundedNames([...names.ignored, ...values.ignored]);
  const header = ignoredFieldsHeader(ignoredFields);
  if (header !== null) headers['Ignored-Fields'] = header;
  const body = validate(route.body, given, 'body', [...names.faults, ...values.faults]);
  return { body, ignoredFields };
}

/** Lists unknown query parameters, which had no effect, in the reply headers. */
function nameIgnoredParameters(route: Route, request: Request, headers: ReplyHeaders): void {
  // Most requests have no query, and this check is cheaper than parsing one.
  if (!request.url.includes('?')) return;
  const known = route.query?.shape ?? {};
  const unknown = Object.keys(request.query).filter((name) => !Object.hasOwn(known, name));
  const header = ignoredFieldsHeader(unknown);
  if (header !== null) headers['Ignored-Fields'] = [headers['Ignored-Fields'] ?? [], header].flat();
}

/** A stream that fails breaks the connection, so that the caller does not take a part for the whole. */
async function sendStream(
  reply: StreamedReply,
  request: Request,
  response: Response,
  headers: ReplyHeaders,
): Promise<void> {
  const { contentType, open, extras } = reply;
  const isHead = request.method === 'HEAD';
  // A failed open is answered as an error, without the headers of a success.
  const stream = isHead || response.destroyed ? undefined : await open();
  // A destroyed file stream may still emit an error, and an error event without a listener ends the process.
  stream?.on('error', () => undefined);
  // Node 24's `pipeline` does not start when the response is destroyed already, and would leave the stream open.
  if (response.destroyed) {
    stream?.destroy();
    return;
  }
  response
    .status(extras.status ?? 200)
    .set({ ...apiHeaders, ...headers, ...extras.headers, 'Content-Type': contentType });
  if (stream === undefined) {
    response.end();
    return;
  }
  try {
    await pipeline(stream, response);
  } catch (error) {
    if (!isDisconnect(error)) throw error;
  }
}

/** A caller that disconnects is not an error. */
function isDisconnect(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return code === 'ERR_STREAM_PREMATURE_CLOSE';
}

function readParams(
  route: Route,
  schema: NonNullable<Route['params']>,
  params: Record<string, string>,
): unknown {
  try {
    return validate(schema, params, 'path');
  } catch (error) {
    if (error instanceof Problem && route.notFound !== undefined) {
      throw new Problem(
        'not_found',
        route.notFound.replace(/\{(\w+)\}/g, (_, name: string) => String(params[name])),
      );
    }
    throw error;
  }
}
