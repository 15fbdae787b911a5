/**
 * Downloads files from carriers as streams. The credentials are sent only to the requested address: a redirect is
 * followed without them, and never into the operator's own network.
 */
import type { Readable } from 'node:stream';
import { request, type Dispatcher } from 'undici';

export interface DownloadRequest {
  url: string;
  /** The credentials, for this address only. */
  headers: Record<string, string>;
  /** Set when the address may not be the carrier's own: then it must not lead into the operator's network. */
  guarded?: true;
}

/**
 * Resolves with the whole file's stream as soon as the headers are there. The caller must destroy the stream. @throws
 * DownloadError
 */
export type CarrierDownload = (order: DownloadRequest) => Promise<Readable>;

/** Why a download failed. The message is for people, and contains no address. */
export class DownloadError extends Error {
  override readonly name = 'DownloadError';

  constructor(
    message: string,
    /** Whether another attempt would fail in the same way. */
    readonly isFinal: boolean,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

/** Enough for more than twenty minutes of a two-channel WAV. */
export const maxDownloadBytes = 256 * 1024 * 1024;

const headersMilliseconds = 15_000;
/** The longest pause between two chunks of a body. */
const idleMilliseconds = 30_000;
/** How long a download may take. */
export const maxDownloadMilliseconds = 10 * 60_000;
const maxRedirects = 3;
const redirects = new Set([301, 302, 303, 307, 308]);

export interface DownloadDispatchers {
  open: Dispatcher;
  guarded: Dispatcher;
  /** Aborts every download when the server stops. */
  stopped: AbortSignal;
}

export async function download(order: DownloadRequest, dispatchers: DownloadDispatchers): Promise<Readable> {
  const signal = AbortSignal.any([dispatchers.stopped, AbortSignal.timeout(maxDownloadMilliseconds)]);
  let reply = await get(
    order.url,
    order.headers,
    order.guarded === true ? dispatchers.guarded : dispatchers.open,
    signal,
  );
  let url = order.url;
  for (let count = 0; redirects.has(reply.statusCode); count += 1) {
    reply.body.destroy();
    if (count === maxRedirects) throw new DownloadError('the carrier redirects without end', false);
    url = targetOf(reply, url);
    reply = await get(url, {}, dispatchers.guarded, signal);
  }
  if (reply.statusCode !== 200) {
    reply.body.destroy();
    throw new DownloadError(`the carrier answered with HTTP ${String(reply.statusCode)}`, false);
  }
  if (Number(reply.headers['content-length'] ?? 0) > maxDownloadBytes) {
    reply.body.destroy();
    throw new DownloadError('it is larger than this server keeps', true);
  }
  return reply.body;
}

async function get(
  url: string,
  headers: Record<string, string>,
  dispatcher: Dispatcher,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  try {
    const reply = await request(url, {
      method: 'GET',
      headers,
      dispatcher,
      signal,
      headersTimeout: headersMilliseconds,
      bodyTimeout: idleMilliseconds,
    });
    // A destroyed body may still emit an error, and an error event without a listener ends the process.
    reply.body.on('error', () => undefined);
    return reply;
  } catch (error) {
    throw new DownloadError('the carrier could not be reached', false, error);
  }
}

function targetOf(reply: Dispatcher.ResponseData, from: string): string {
  const { location } = reply.headers;
  if (typeof location === 'string' && URL.canParse(location, from)) {
    const target = new URL(location, from);
    // A redirect from HTTPS to HTTP is not followed.
    if (target.protocol === 'https:' || (target.protocol === 'http:' && from.startsWith('http:'))) {
      return target.href;
    }
  }
  throw new DownloadError('the carrier redirects to an address that cannot be followed', false);
}
