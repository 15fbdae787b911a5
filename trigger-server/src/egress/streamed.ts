/**
 * Replies that are read while they come. The caller's signal ends the exchange, and the error of the signal is what it
 * then fails with.
 */
import type { Readable } from 'node:stream';
import { request, type Dispatcher } from 'undici';

export interface StreamedReply {
  status: number;
  /** The header `Content-Type`; empty without one. */
  contentType: string;
  /** The header `Retry-After`, as it was sent. */
  retryAfter: string | null;
  body: Readable;
}

interface StreamedRequest {
  method: Dispatcher.HttpMethod;
  url: string;
  headers: Record<string, string>;
  body?: string;
}

/** @param read reads the reply; when it settles, what is left of the body is thrown away. @throws what `read` throws. */
export async function readStreamed<Result>(
  order: StreamedRequest,
  read: (reply: StreamedReply) => Promise<Result>,
  { dispatcher, signal }: { dispatcher: Dispatcher; signal: AbortSignal },
): Promise<Result> {
  signal.throwIfAborted();
  const { statusCode, headers, body } = await request(order.url, {
    method: order.method,
    headers: order.headers,
    ...(order.body === undefined ? {} : { body: order.body }),
    dispatcher,
    signal,
  });
  // A destroyed body may still emit an error, and an error event without a listener ends the process.
  body.on('error', () => undefined);
  const { 'content-type': contentType, 'retry-after': retryAfter } = headers;
  try {
    return await read({
      status: statusCode,
      contentType: typeof contentType === 'string' ? contentType : '',
      retryAfter: typeof retryAfter === 'string' ? retryAfter : null,
      body,
    });
  } finally {
    body.destroy();
  }
}
