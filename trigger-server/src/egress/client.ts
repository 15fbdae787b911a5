/**
 * HTTP to carriers: pooled and kept alive, bounded in time, never redirected and never repeated. A request that
 * surely did not leave and one whose fate is unknown are different errors, because only the first allows to say
 * that nobody's phone rings.
 *
 * A request waits for its connection: for 5 seconds, then it is not sent any more, because its answer would come too late
 * for whoever asked. Each organization has connections of its own to a host, so that it waits for itself alone.
 */
import { isIP } from 'node:net';
import { Agent, buildConnector, request, type Dispatcher } from 'undici';
import type { Clock } from '../clock';
import { createNamedTurns } from '../turns';
import { refusedTarget, type AddressGuard } from './address-guard';
import { download, type CarrierDownload } from './download';

export interface CarrierRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  url: string;
  headers: Record<string, string>;
  body?: string;
  /** Set where a tenant supplied the address: it must then not lead into the operator's own network. */
  guarded?: true;
  /** Set where the reply's status is what counts: its body is cut here, where it would else be refused if too long. */
  keepReplyBytes?: number;
}

export interface CarrierReply {
  status: number;
  body: string;
  /** The header `Retry-After`, as it was sent. */
  retryAfter?: string;
  /** The header `Date`: what the carrier's own clock showed. */
  date?: string;
}

/** @throws NotSentError, NoReplyError. Statuses are values. */
export type CarrierHttp = (request: CarrierRequest) => Promise<CarrierReply>;

/** The carrier never got the request: no connection came to be. Its cause is why. */
export class NotSentError extends Error {
  override readonly name = 'NotSentError';
}

/** The request may have arrived, but no whole reply came back. */
export class NoReplyError extends Error {
  override readonly name = 'NoReplyError';
}

const connectMilliseconds = 5000;
/** For a turn and a connection together. */
const unsentMilliseconds = 5000;
const wholeMilliseconds = 15_000;
const maxReplyBytes = 1024 * 1024;
/** To one host. */
const requestsPerOrganization = 128;
const connectionsPerHost = 1024;

export interface CarrierHttpOptions {
  addressGuard: AddressGuard;
  /** What runs the limit of a whole request, so that a test can let it run out without waiting. */
  clock: Pick<Clock, 'after'>;
}

export interface CarrierHttpClient {
  /** @param organizationId on whose behalf; null: of several. @throws NotSentError, NoReplyError. */
  send(order: CarrierRequest, organizationId: number | null): Promise<CarrierReply>;
  download: CarrierDownload;
  /** What `guarded` requests are held to, for who wants to know before there is one. */
  addressGuard: AddressGuard;
  /** For other uses of undici (a WebSocket) with an address that a tenant supplied. */
  guardedDispatcher: Dispatcher;
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
  const ways = { open: open.compose(noteStart), guarded: guarded.compose(noteStart) };
  return {
    download: (order) => download(order, { open, guarded, stopped: stopping.signal }),
    send(order, organizationId) {
      const line = `${String(organizationId)} ${originOf(order.url)}`;
      const way = order.guarded === true ? ways.guarded : ways.open;
      return withinLimits(options.clock, (signal) => turns.run(line, () => exchange(order, way, signal)));
    },
    addressGuard: options.addressGuard,
    guardedDispatcher: guarded,
    close: async () => {
      // A download takes minutes; nobody waits for it.
      stopping.abort();
      await Promise.all([open.close(), guarded.close()]);
    },
  };
}

/**
 * What fails before a connection stands, its TLS included, surely sent nothing. No error code says that: a reset or an
 * unreachable host can meet a connection that has already carried the request.
 */
function connector(guard?: AddressGuard): buildConnector.connector {
  const connect = buildConnector({
    timeout: connectMilliseconds,
    ...(guard === undefined ? {} : { lookup: guard.lookup }),
  });
  return (options, callback) => {
    // A host that is written as an IP address is never looked up, so it is checked here.
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

/** The signals of requests that a connection has taken: from then on they may have arrived. */
const started = new WeakSet<object>();

const noteStart: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) => {
  const { signal } = options as { signal?: object };
  return dispatch(options, {
    // Undici calls it when a connection stands, before the first byte is written.
    onRequestStart(...facts) {
      if (signal !== undefined) started.add(signal);
      handler.onRequestStart?.(...facts);
    },
    onRequestUpgrade: (...facts) => handler.onRequestUpgrade?.(...facts),
    onResponseStart: (...facts) => handler.onResponseStart?.(...facts),
    onResponseData: (...facts) => handler.onResponseData?.(...facts),
    onResponseEnd: (...facts) => handler.onResponseEnd?.(...facts),
    onResponseError: (...facts) => handler.onResponseError?.(...facts),
  });
};

/** What is no URL fails when it is sent. */
function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : '';
}

/** @param run waits for its turn, and exchanges a request that has this signal. */
async function withinLimits(
  clock: Pick<Clock, 'after'>,
  run: (signal: AbortSignal) => Promise<CarrierReply>,
): Promise<CarrierReply> {
  const abort = new AbortController();
  const forget = [
    clock.after(unsentMilliseconds, () => {
      if (!started.has(abort.signal)) abort.abort(tooLate());
    }),
    clock.after(wholeMilliseconds, () => {
      abort.abort(new NoReplyError('The carrier did not answer in time'));
    }),
  ];
  try {
    // What waits for its turn, or in undici for a connection, hears of the end only when it would begin; it does not then.
    return await Promise.race([run(abort.signal), rejectionOf(abort.signal)]);
  } catch (error) {
    throw classify(error);
  } finally {
    for (const stop of forget) stop();
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

async function exchange(order: CarrierRequest, way: Dispatcher, signal: AbortSignal): Promise<CarrierReply> {
  signal.throwIfAborted();
  const reply = await request(order.url, {
    method: order.method,
    headers: order.headers,
    ...(order.body === undefined ? {} : { body: order.body }),
    dispatcher: way,
    signal,
  });
  const { date, 'retry-after': retryAfter } = reply.headers;
  return {
    status: reply.statusCode,
    body: await readBody(reply.body, order.keepReplyBytes),
    ...(typeof retryAfter === 'string' ? { retryAfter } : {}),
    ...(typeof date === 'string' ? { date } : {}),
  };
}

async function readBody(body: AsyncIterable<unknown>, keepBytes?: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    const part = Buffer.from(chunk as Uint8Array);
    bytes += part.length;
    if (keepBytes !== undefined && bytes > keepBytes) {
      chunks.push(part.subarray(0, part.length - (bytes - keepBytes)));
      break;
    }
    if (bytes > maxReplyBytes) throw new NoReplyError('The carrier sent more than 1 MiB');
    chunks.push(part);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function classify(error: unknown): Error {
  if (error instanceof NoReplyError || error instanceof NotSentError) return error;
  return new NoReplyError(`The connection to the carrier broke (${codeOf(error)})`, { cause: error });
}

/** Not by `instanceof Error`: Node's own errors are of another realm in some runtimes. */
function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'no code';
}
