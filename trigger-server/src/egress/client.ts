/**
 * HTTP to carriers: pooled and kept alive, bounded in time, never redirected and never repeated. A request that was
 * certainly not sent and one whose outcome is unknown are different errors: only after the first is it certain that no
 * phone rings.
 *
 * A request waits up to 5 seconds for a connection. After that it is not sent, because its answer would come too late.
 * Connections to a host are limited per organization, so that no organization waits for another one's requests.
 */
import { isIP } from 'node:net';
import { Agent, buildConnector, request, type Dispatcher } from 'undici';
import type { Clock } from '../clock';
import { createNamedTurns } from '../turns';
import { refusedTarget, type AddressGuard } from './address-guard';
import { download, type CarrierDownload } from './download';
import { readStreamed, type StreamedReply } from './streamed';

export interface CarrierRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  url: string;
  headers: Record<string, string>;
  body?: string;
  /** Set when a tenant supplied the address: then it must not lead into the operator's own network. */
  guarded?: true;
  /** Set when only the status matters: a longer body is cut to this size, where otherwise it would be an error. */
  keepReplyBytes?: number;
  /** How long a reply may be, in bytes; by default 1 MiB. */
  mostReplyBytes?: number;
  /** How long all of it may take; by default, and at most, 15 seconds. */
  withinMilliseconds?: number;
}

export interface CarrierReply {
  status: number;
  body: string;
  /** The header `Retry-After`, as it was sent. */
  retryAfter?: string;
  /** The header `Date`: the time of the carrier's clock. */
  date?: string;
}

/** @throws NotSentError, NoReplyError. An HTTP error status is returned, not thrown. */
export type CarrierHttp = (request: CarrierRequest) => Promise<CarrierReply>;

/** The carrier never received the request, because there was no connection. Its cause says why. */
export class NotSentError extends Error {
  override readonly name = 'NotSentError';
}

/** The request may have arrived, but no complete reply came back. */
export class NoReplyError extends Error {
  override readonly name = 'NoReplyError';
}

/** No complete reply came in the time that the request had. */
export class TooSlowError extends NoReplyError {}

const connectMilliseconds = 5000;
/** For waiting in the queue and connecting together. */
const unsentMilliseconds = 5000;
const wholeMilliseconds = 15_000;
const maxReplyBytes = 1024 * 1024;
/** How many requests of one organization to one host run at the same time. */
const requestsPerOrganization = 128;
/** A stream holds its connection for seconds, and a call waits for it. */
const streamsPerOrganization = 512;
const connectionsPerHost = 1024;

export interface CarrierHttpOptions {
  addressGuard: AddressGuard;
  /** Runs the time limits, so that a test can let them expire without waiting. */
  clock: Pick<Clock, 'after'>;
}

export interface StreamLimits {
  signal: AbortSignal;
  /** For waiting in the queue and connecting together. */
  unsentMilliseconds: number;
}

export interface CarrierHttpClient {
  /**
   * @param organizationId the organization that the request belongs to; null if there are several. @throws
   * NotSentError, NoReplyError.
   */
  send(order: CarrierRequest, organizationId: number | null): Promise<CarrierReply>;
  /**
   * Sends a request whose reply is read while it comes. It has no time limit but that for a connection; the signal ends
   * it. @throws NotSentError, the reason of the signal, what `read` throws, or NoReplyError when the connection broke.
   */
  stream<Result>(
    order: CarrierRequest,
    organizationId: number | null,
    limits: StreamLimits,
    read: (reply: StreamedReply) => Promise<Result>,
  ): Promise<Result>;
  download: CarrierDownload;
  /** The guard of `guarded` requests, for checks before there is a request. */
  addressGuard: AddressGuard;
  /** For other uses of undici, such as a WebSocket, with an address that a tenant supplied. */
  guardedDispatcher: Dispatcher;
  /** Whether `close` was called: requests that have not begun then fail. */
  readonly isClosed: boolean;
  close(): Promise<void>;
}

export function createCarrierHttp(options: CarrierHttpOptions): CarrierHttpClient {
  const limits = { headersTimeout: 0, bodyTimeout: 0, connections: connectionsPerHost, pipelining: 1 };
  const open = new Agent({ ...limits, connect: connector() });
  const guarded = new Agent({
    ...limits,
    webSocket: { maxPayloadSize: maxReplyBytes },
    connect: connector(options.addressGuard),
  });
  const stopping = new AbortController();
  const turns = createNamedTurns({ atOnce: requestsPerOrganization });
  const streams = createNamedTurns({ atOnce: streamsPerOrganization });
  const dispatchers = { open: open.compose(markStarted), guarded: guarded.compose(markStarted) };
  const queueOf = (order: CarrierRequest, organizationId: number | null) =>
    `${String(organizationId)} ${originOf(order.url)}`;
  const dispatcherOf = (order: CarrierRequest) =>
    order.guarded === true ? dispatchers.guarded : dispatchers.open;
  return {
    download: (order) => download(order, { open, guarded, stopped: stopping.signal }),
    send: (order, organizationId) =>
      withinLimits(options.clock, limitOf(order), (signal) =>
        turns.run(queueOf(order, organizationId), () => exchange(order, dispatcherOf(order), signal)),
      ),
    stream: (order, organizationId, limits, read) =>
      connectedInTime(options.clock, limits, (signal) =>
        streams.run(queueOf(order, organizationId), () =>
          readStreamed(order, read, { dispatcher: dispatcherOf(order), signal }),
        ),
      ),
    addressGuard: options.addressGuard,
    guardedDispatcher: guarded,
    get isClosed() {
      return stopping.signal.aborted;
    },
    close: async () => {
      // A download may take minutes, so it is aborted.
      stopping.abort();
      await Promise.all([open.close(), guarded.close()]);
    },
  };
}

/**
 * A failure before the connection is established, TLS included, means that nothing was sent. Error codes alone do not
 * show that: ECONNRESET and EHOSTUNREACH also occur after a request was sent.
 */
function connector(guard?: AddressGuard): buildConnector.connector {
  const connect = buildConnector({
    timeout: connectMilliseconds,
    ...(guard === undefined ? {} : { lookup: guard.lookup }),
  });
  return (options, callback) => {
    // A host that is an IP address is not looked up, so it is checked here.
    const host = options.hostname.replace(/^\[|\]$/g, '');
    if (guard !== undefined && isIP(host) !== 0 && !guard.allows(host)) {
      callback(notSent(refusedTarget()), null);
      return;
    }
    connect(options, (error, socket) => {
      if (error === null) callback(null, socket);
      else callback(notSent(error), null);
    });
  };
}

function notSent(cause: Error): NotSentError {
  return new NotSentError(`No connection to the carrier (${codeOf(cause)})`, { cause });
}

/** The signals of requests that were handed to a connection: these may have arrived. */
const started = new WeakSet<object>();

const markStarted: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) => {
  const { signal } = options as { signal?: object };
  return dispatch(options, {
    // Undici calls this when the connection is established, before it writes the first byte.
    onRequestStart(...args) {
      if (signal !== undefined) started.add(signal);
      handler.onRequestStart?.(...args);
    },
    onRequestUpgrade: (...args) => handler.onRequestUpgrade?.(...args),
    onResponseStart: (...args) => handler.onResponseStart?.(...args),
    onResponseData: (...args) => handler.onResponseData?.(...args),
    onResponseEnd: (...args) => handler.onResponseEnd?.(...args),
    onResponseError: (...args) => handler.onResponseError?.(...args),
  });
};

function limitOf({ withinMilliseconds = wholeMilliseconds }: CarrierRequest): number {
  return Math.min(withinMilliseconds, wholeMilliseconds);
}

/** Returns an empty text for an invalid URL, which fails later, when the request is sent. */
function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : '';
}

/** @param run waits in the queue and sends a request with this signal. */
async function withinLimits(
  clock: Pick<Clock, 'after'>,
  mostMilliseconds: number,
  run: (signal: AbortSignal) => Promise<CarrierReply>,
): Promise<CarrierReply> {
  const abort = new AbortController();
  const timers = [
    clock.after(unsentMilliseconds, () => {
      if (!started.has(abort.signal)) abort.abort(tooLate());
    }),
    clock.after(mostMilliseconds, () => {
      abort.abort(new TooSlowError('The carrier did not answer in time'));
    }),
  ];
  try {
    // A request that waits in the queue, or in undici for a connection, sees the abort only when it would start, so the
    // race rejects earlier.
    return await Promise.race([run(abort.signal), rejectionOf(abort.signal)]);
  } catch (error) {
    throw classify(error);
  } finally {
    for (const stop of timers) stop();
  }
}

/** @param run waits in the queue, and sends and reads with this signal. */
async function connectedInTime<Result>(
  clock: Pick<Clock, 'after'>,
  limits: StreamLimits,
  run: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const late = new AbortController();
  const signal = AbortSignal.any([limits.signal, late.signal]);
  const stop = clock.after(limits.unsentMilliseconds, () => {
    if (!started.has(signal)) late.abort(tooLate());
  });
  try {
    return await Promise.race([run(signal), rejectionOf(signal)]);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw isOfConnection(error) ? classify(error) : error;
  } finally {
    stop();
  }
}

function tooLate(): NotSentError {
  return notSent(Object.assign(new Error('No connection was free in time'), { code: 'ETIMEDOUT' }));
}

function rejectionOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(signal.reason as Error);
    });
  });
}

async function exchange(
  order: CarrierRequest,
  dispatcher: Dispatcher,
  signal: AbortSignal,
): Promise<CarrierReply> {
  signal.throwIfAborted();
  const reply = await request(order.url, {
    method: order.method,
    headers: order.headers,
    ...(order.body === undefined ? {} : { body: order.body }),
    dispatcher,
    signal,
  });
  const { date, 'retry-after': retryAfter } = reply.headers;
  return {
    status: reply.statusCode,
    body: await readBody(reply.body, order),
    ...(typeof retryAfter === 'string' ? { retryAfter } : {}),
    ...(typeof date === 'string' ? { date } : {}),
  };
}

async function readBody(
  body: AsyncIterable<unknown>,
  { keepReplyBytes: keepBytes, mostReplyBytes = maxReplyBytes }: CarrierRequest,
): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    const part = Buffer.from(chunk as Uint8Array);
    bytes += part.length;
    if (keepBytes !== undefined && bytes > keepBytes) {
      chunks.push(part.subarray(0, part.length - (bytes - keepBytes)));
      break;
    }
    if (bytes > mostReplyBytes)
      throw new NoReplyError(`The carrier sent more than ${String(mostReplyBytes / 1024 / 1024)} MiB`);
    chunks.push(part);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function classify(error: unknown): Error {
  if (error instanceof NoReplyError || error instanceof NotSentError) return error;
  return new NoReplyError(`The connection to the carrier broke (${codeOf(error)})`, { cause: error });
}

/** Whether undici or a socket reports it, and not the reader of a reply. */
function isOfConnection(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string';
}

/** Not by `instanceof Error`: in some runtimes Node's own errors belong to another realm. */
function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'no code';
}
