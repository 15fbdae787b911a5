/**
 * Files that a carrier keeps for us, as streams. The credentials go to the address that was asked for and nowhere else:
 * a redirect is followed without them, and not into the operator's own network.
 */
import type { Readable } from 'node:stream';
import { request, type Dispatcher } from 'undici';

export interface DownloadOrder {
  url: string;
  /** Credentials, for this address alone. */
  headers: Record<string, string>;
  /** Set where the address is not known to be the carrier's own: it must then not lead into the operator's network. */
  guarded?: true;
}

/** The whole file, once its first bytes are there; whoever asked for it destroys the stream. @throws DownloadError */
export type CarrierDownload = (order: DownloadOrder) => Promise<Readable>;

/** Why a file did not come. The message is for people, and holds no address. */
export class DownloadError extends Error {
  override readonly name = 'DownloadError';

  constructor(
    message: string,
    /** Whether another attempt would end the same way. */
    readonly isFinal: boolean,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

/** More than twenty minutes of a call with two channels in WAV. */
export const maxDownloadBytes = 256 * 1024 * 1024;

const headersMilliseconds = 15_000;
/** Between two pieces of a body. */
const idleMilliseconds = 30_000;
const wholeMilliseconds = 10 * 60_000;
const maxRedirects = 3;
const redirects = new Set([301, 302, 303, 307, 308]);

export interface DownloadWays {
  open: Dispatcher;
  guarded: Dispatcher;
  /** Ends every download when the server stops. */
  stopped: AbortSignal;
}

export async function download(order: DownloadOrder, ways: DownloadWays): Promise<Readable> {
  const signal = AbortSignal.any([ways.stopped, AbortSignal.timeout(wholeMilliseconds)]);
  let reply = await get(order.url, order.headers, order.guarded === true ? ways.guarded : ways.open, signal);
  let url = order.url;
  for (let count = 0; redirects.has(reply.statusCode); count += 1) {
    reply.body.destroy();
    if (count === maxRedirects) throw new DownloadError('the carrier redirects without end', false);
    url = targetOf(reply, url);
    reply = await get(url, {}, ways.guarded, signal);
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
    // Whoever lets go of a body has nobody left to tell what becomes of it.
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
    // What came encrypted so far is not fetched in clear.
    if (target.protocol === 'https:' || (target.protocol === 'http:' && from.startsWith('http:'))) {
      return target.href;
    }
  }
  throw new DownloadError('the carrier redirects to an address that cannot be followed', false);
}
