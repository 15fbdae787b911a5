/** Answers declared routes: authenticate, check path and query, read and check the body, handle. */
import { pipeline } from 'node:stream/promises';
import type { Request, RequestHandler, Response } from 'express';
import { Problem } from '../problem';
import type { Admit } from './admission';
import { readJsonBody } from './body/body';
import { callerOf } from './limits/caller-address';
import type { AnswerError } from './errors';
import { boundedNames, ignoredFieldsHeader } from './body/ignored-fields';
import { requestOrigin } from './origin';
import { apiHeaders } from './reply-headers';
import { routeMatcher } from './route-matcher';
import { StreamedReply, type Route } from './route';
import { isJsonObject, judgeFields, rulesOfBody, type FieldRules } from './body/unknown-fields';
import { validate } from './validation';

/** Headers of one reply, beside those that all have. */
type ReplyHeaders = Record<string, string | string[]>;
type Serve = (
  request: Request,
  response: Response,
  params: Record<string, string>,
  headers: ReplyHeaders,
) => Promise<void>;

export interface Serving {
  admit: Admit;
  answerError: AnswerError;
  /** Plain Dograh drops what it does not know, without a word. */
  judgesFields: boolean;
}

/**
 * @param base what their paths begin with, without a slash behind it.
 * @returns one middleware that answers all of them. What is none of them, and OPTIONS, it passes on.
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
    const headers: ReplyHeaders = {};
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

/** All that is the same for every request of a route is done here. */
function prepare(route: Route, { admit, judgesFields }: Serving): Serve {
  const rules = judgesFields ? rulesOfBody(route) : undefined;
  return async (request, response, givenParams, headers) => {
    response.locals.route = route.path;
    const identity = await admit(route, request);
    const params = route.params === undefined ? {} : readParams(route, route.params, givenParams);
    const query = route.query === undefined ? {} : validate(route.query, request.query, 'query');
    const { body, ignoredFields } = await readBody(route, rules, request, headers);
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
    else sendJson(request, response, route.successStatus ?? 200, headers, reply);
  };
}

/** Name, value, name, value: as Node writes them at least cost. */
const headOfAll = Object.entries(apiHeaders).flat();

/** Head and body in one piece. */
function sendJson(
  request: Request,
  response: Response,
  status: number,
  headers: ReplyHeaders,
  value: unknown,
): void {
  const head: (string | string[])[] = [...headOfAll];
  for (const name in headers) head.push(name, headers[name] ?? '');
  response.statusCode = status;
  // What the caller has already, by its own word, is not sent again.
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

/** What the route does not know is named in the reply, whatever becomes of the request. */
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

/** What a route does not know in a query did nothing, and its reply says so. */
function nameIgnoredParameters(route: Route, request: Request, headers: ReplyHeaders): void {
  // Most requests have no query, and to parse one costs more than to see that.
  if (!request.url.includes('?')) return;
  const known = route.query?.shape ?? {};
  const unknown = Object.keys(request.query).filter((name) => !Object.hasOwn(known, name));
  const header = ignoredFieldsHeader(unknown);
  if (header !== null) headers['Ignored-Fields'] = [headers['Ignored-Fields'] ?? [], header].flat();
}

/** A stream that fails breaks the connection, so that a part is not taken for the whole. */
async function sendStream(
  reply: StreamedReply,
  request: Request,
  response: Response,
  headers: ReplyHeaders,
): Promise<void> {
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
    if (!isGone(error)) throw error;
  }
}

/** A caller who has had enough and goes is no fault of anybody's. */
function isGone(error: unknown): boolean {
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
