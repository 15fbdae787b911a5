/**
 * One declaration both serves a route (`serve-routes.ts`) and documents it (`openapi.ts`). A feature's `routes.ts` is a
 * list of these.
 */
import type { Readable } from 'node:stream';
import type { JsonObject, KeyScope } from '@dograh-trigger/shared';
import type { Logger } from 'pino';
import * as z from 'zod';
import type { SizeLimit } from './body/read-bytes';
import type { Caller } from './limits/caller-address';
import type { FieldVerdict, RefusedNames } from './body/unknown-fields';
import type { TraceContext } from './request/trace-context';

/** Who makes the request, by key or by session. A key without a creator has no user. */
export interface Identity {
  organizationId: number;
  userId: number | null;
  apiKeyId: number | null;
  sessionId: string | null;
  /** What the key may do; `admin` for a session. */
  scope: KeyScope;
  /** The ids of the agents that a key with the scope `trigger` is limited to; null: all. */
  agentIds: readonly number[] | null;
  /** As in `RouteInput`. */
  requestId: string;
}

/**
 * - `none`: anybody.
 * - `member`: an API key, a session token or, from a page of this server, the session cookie, with Dograh's texts for its management routes.
 * - `trigger`: an API key, with Dograh's texts for the public trigger routes.
 */
export type RouteAuthentication = 'none' | 'member' | 'trigger';

/** The scope that a key needs for a route. A key with the scope `admin` may use every route; `any` is for every key. */
export type RouteScope = KeyScope | 'any';

export interface RouteInput<Params, Query, Body> {
  /** As the caller sent it: a GET route also serves HEAD. */
  method: string;
  params: Params;
  query: Query;
  body: Body;
  /** The bytes of the body of a route with `upload`, decompressed. To be read once. @throws Problem as `readChunks`. */
  readonly upload: AsyncIterable<Buffer>;
  /** The request's header, or undefined. Names are not case-sensitive. */
  header(name: string): string | undefined;
  /** Names of the body that were ignored, as in the header `Ignored-Fields`: at most 20, bounded in length. */
  ignoredFields: readonly string[];
  /** The id of the request, as in `X-Request-Id` and in the log. */
  readonly requestId: string;
  /** The trace that the request belongs to; null: none. */
  readonly trace: TraceContext | null;
  /** Where the request comes from. */
  readonly caller: Caller;
  /** Scheme and host as the caller used them, without a trailing slash: `http://localhost:8000`. */
  readonly origin: string;
  /** Sets the status of the reply to one of `otherSuccess`. */
  setStatus(status: 202): void;
  /** Sets a header of the reply. */
  setHeader(name: string, value: string): void;
  /** Its lines have the ids of this request. */
  readonly log: Logger;
  /** Notes the run of this request for its log line. */
  noteRun(runId: number): void;
}

/** A reply that is not JSON. It is streamed, never held whole in memory. */
export class StreamedReply {
  /**
   * @param open opens the stream of bytes; not called for HEAD, nor when the caller has disconnected. May throw a
   * Problem.
   * @param extras the status if it is not 200 (206: a part of a file), and further headers.
   */
  constructor(
    readonly contentType: string,
    readonly open: () => Readable | Promise<Readable>,
    readonly extras: { status?: 206; headers?: Record<string, string> } = {},
  ) {}
}

/** The `reply` schema of a route that streams. Such a route lists its content types in `streams`. */
export const streamedReply = z.instanceof(StreamedReply);

/** A body that is not JSON. */
export interface Upload {
  /** `text/csv`. Its only charset is UTF-8. */
  contentType: string;
  /** For the OpenAPI document: a file that is accepted as it is. */
  example: string;
  /** Null: any size. What the handler keeps of the file must not grow with it. */
  limit: SizeLimit | null;
}

interface RouteDescription {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** Below `/api/v1`, with parameters in braces: `/workflow/{workflow_id}/runs/{run_id}`. */
  path: string;
  summary: string;
  description?: string;
  tag: string;
  /** Headers that the route reads or writes beyond the common ones, for the OpenAPI document. */
  requestHeaders?: Record<string, string>;
  replyHeaders?: Record<string, string>;
  /** Headers of a success only. */
  successHeaders?: Record<string, string>;
  /** Whether the route serves byte ranges, with 206 or 416. */
  servesRanges?: true;
  /** The statuses that it refuses with, and when, for the OpenAPI document. 401 and 422 are added where they apply. */
  refusals?: Partial<Record<400 | 401 | 403 | 404 | 409 | 416 | 422 | 429 | 500 | 501 | 503 | 504, string>>;
  /** Names of the body that are refused in any spelling, each with advice on what to send instead. */
  refusedFields?: RefusedNames;
  /** Fields of the body's schema that do nothing on this server: they count as unknown. */
  idleFields?: readonly string[];
  /** Further names that are refused or ignored: those inside the body's fields. The body may have any shape here. */
  judgeBody?: (body: JsonObject) => FieldVerdict;
  /** The content types of a route whose reply is a stream, for the OpenAPI document. */
  streams?: readonly string[];
  /** The body is a file: it is streamed to the handler, never held whole in memory, and not parsed. In place of `body`. */
  upload?: Upload;
  /** The status of a success, if it is not 200. */
  successStatus?: 202;
  /** Further statuses of a success, and when, for the OpenAPI document. */
  otherSuccess?: Partial<Record<202, string>>;
  /** Not rate-limited, because a reply costs no more than a refusal. Only for routes without authentication. */
  unlimited?: true;
  /** Refused (403) from a page of another origin, because it signs the browser in. Only without authentication. */
  ownOriginOnly?: true;
  /** The text of the 404 for an invalid path parameter: an id that cannot exist does not exist. */
  notFound?: string;
}

export interface RouteSpec<
  Auth extends RouteAuthentication,
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Reply extends z.ZodType,
> extends RouteDescription {
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

/** What a key needs for the route. Every route that takes keys must say it. */
type ScopeOf<Auth extends RouteAuthentication> = Auth extends 'none'
  ? { scope?: undefined }
  : { scope: RouteScope };

/** A declared route without its type parameters, so that routes of any type fit into one list. */
export interface Route extends RouteDescription {
  auth: RouteAuthentication;
  /** Undefined for a route without authentication. */
  scope: RouteScope | undefined;
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
>(spec: RouteSpec<Auth, Params, Query, Body, Reply> & ScopeOf<Auth>): Route {
  return { ...spec, scope: spec.scope, params: spec.params, query: spec.query, body: spec.body };
}
