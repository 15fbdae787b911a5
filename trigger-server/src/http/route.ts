/**
 * One declaration serves and documents a route: it is answered (`serve-routes.ts`) and written into the
 * OpenAPI document (`openapi.ts`). A feature's `routes.ts` is a list of these.
 */
import type { Readable } from 'node:stream';
import type { JsonObject } from '@dograh-trigger/shared';
import * as z from 'zod';
import type { Caller } from './limits/caller-address';
import type { FieldVerdict, RefusedNames } from './body/unknown-fields';

/** Who makes the request, by key or by session. A key without a creator has no user. */
export interface Identity {
  organizationId: number;
  userId: number | null;
  apiKeyId: number | null;
  sessionId: string | null;
}

/**
 * - `none`: anybody.
 * - `member`: an API key or a session token, with Dograh's texts for its management routes.
 * - `trigger`: an API key, with Dograh's texts for the public trigger routes.
 */
export type RouteAuthentication = 'none' | 'member' | 'trigger';

export interface RouteInput<Params, Query, Body> {
  /** As the caller sent it: a route for GET serves HEAD, too. */
  method: string;
  params: Params;
  query: Query;
  body: Body;
  /** The request's header, or undefined. Names are not case-sensitive. */
  header(name: string): string | undefined;
  /** Names of the body that did nothing, as `Ignored-Fields` tells them: 20 at most, bounded in length. */
  ignoredFields: readonly string[];
  /** From where the request comes. */
  readonly caller: Caller;
  /** Scheme and host as the caller used them, without a trailing slash: `http://localhost:8000`. */
  readonly origin: string;
  /** Sets a header of the reply. */
  setHeader(name: string, value: string): void;
  /** Notes the run of this request for its log line. */
  noteRun(runId: number): void;
}

/** A reply that is not JSON: sent as fast as the caller takes it, never held whole. */
export class StreamedReply {
  /**
   * @param open gives the bytes; not called for HEAD, nor for a caller who has gone. May throw a Problem.
   * @param extras the status, where it is not 200 (206: a part of a file), and further headers.
   */
  constructor(
    readonly contentType: string,
    readonly open: () => Readable | Promise<Readable>,
    readonly extras: { status?: 206; headers?: Record<string, string> } = {},
  ) {}
}

/** The `reply` of a route that streams; such a route also says what in `streams`. */
export const streamedReply = z.instanceof(StreamedReply);

interface RouteFacts {
  method: 'get' | 'post' | 'put' | 'delete';
  /** Below `/api/v1`, with parameters in braces: `/workflow/{workflow_id}/runs/{run_id}`. */
  path: string;
  summary: string;
  description?: string;
  tag: string;
  /** Headers that the route reads or writes beyond the common ones, for the document. */
  requestHeaders?: Record<string, string>;
  replyHeaders?: Record<string, string>;
  /** Of a success alone. */
  successHeaders?: Record<string, string>;
  /** Whether a part of the reply is given, with 206 or 416. */
  servesRanges?: true;
  /** The statuses it refuses with, and when, for the document. 401 and 422 are added where they apply. */
  refusals?: Partial<Record<400 | 401 | 403 | 404 | 409 | 416 | 422 | 429 | 501 | 503 | 504, string>>;
  /** Names of the body that are refused in any spelling, each with what to do instead. */
  refusedFields?: RefusedNames;
  /** Fields of the body's schema that do nothing on this server: they count as unknown. */
  idleFields?: readonly string[];
  /** What else of a body is refused, or ignored: what stands inside its fields. It may be of any shape. */
  judgeBody?: (body: JsonObject) => FieldVerdict;
  /** The content types of a route whose reply is a stream, for the document. */
  streams?: readonly string[];
  /** The status of a success, where it is not 200. */
  successStatus?: 202;
  /** Anybody may ask as often as he likes: it costs no more than to refuse. For routes without authentication. */
  unlimited?: true;
  /** A fault in a path parameter is this 404 text: an id that cannot exist does not exist. */
  notFound?: string;
}

export interface RouteSpec<
  Auth extends RouteAuthentication,
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Reply extends z.ZodType,
> extends RouteFacts {
  auth: Auth;
  params?: Params;
  query?: Query;
  body?: Body;
  reply: Reply;
  handle(
    input: RouteInput<z.output<Params>, z.output<Query>, z.output<Body>>,
    identity: Auth extends 'none' ? undefined : Identity,
  ): Promise<z.input<Reply>>;
}

/** A route after its types have done their work. */
export interface Route extends RouteFacts {
  auth: RouteAuthentication;
  params: z.ZodObject | undefined;
  query: z.ZodObject | undefined;
  body: z.ZodType | undefined;
  reply: z.ZodType;
  handle(input: RouteInput<never, never, never>, identity: never): Promise<unknown>;
}

/** Declares a route: the handler's input and reply are typed by its schemas. */
export function route<
  Auth extends RouteAuthentication,
  Reply extends z.ZodType,
  Params extends z.ZodObject = z.ZodObject,
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodType = z.ZodType<undefined>,
>(spec: RouteSpec<Auth, Params, Query, Body, Reply>): Route {
  return { ...spec, params: spec.params, query: spec.query, body: spec.body };
}
