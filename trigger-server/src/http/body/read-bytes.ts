/** Reads the bytes of a request's body, decompressed, up to a limit: whole, or chunk by chunk. */
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { Problem } from '../../problem';

export interface SizeLimit {
  bytes: number;
  /** For people: `1 MiB`. */
  text: string;
}

const decompressors = { gzip: createGunzip, deflate: createInflate, br: createBrotliDecompress };

/** @returns whether the request comes with a body, which may be empty (RFC 9112, section 6.3). */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
}

/**
 * @returns the bytes; none for a request without a body.
 * @throws Problem when there are more of them, as sent or decompressed (413), when the compression is unknown (415), or
 *   when they did not arrive whole (400). The rest of the body has been drained by then: some clients read no reply
 *   before they have sent everything.
 */
export async function readBytes(request: IncomingMessage, limit: SizeLimit): Promise<Buffer> {
  if (!hasBody(request)) return Buffer.alloc(0);
  const source = open(request);
  try {
    assertReadable(request, source, limit);
    return await collect(source, request, limit).finally(() => {
      if (source !== request) close(source, request);
    });
  } catch (error) {
    await drain(request);
    throw error;
  }
}

/**
 * Reads the body chunk by chunk, and the next one only when it is asked for, so that a body of any size needs little
 * memory. Whoever stops early leaves the rest to be drained.
 * @param limit null: any number of bytes.
 * @throws Problem as `readBytes`; chunks before the fault have been read by then.
 */
export async function* readChunks(request: IncomingMessage, limit: SizeLimit | null): AsyncGenerator<Buffer> {
  if (!hasBody(request)) return;
  const source = open(request);
  const onClose = () => {
    // A caller that disconnects in the middle of the body does not end the decompression stream.
    if (source !== request && !request.complete) source.destroy(broken());
  };
  request.on('close', onClose);
  try {
    assertReadable(request, source, limit);
    let bytes = 0;
    for await (const chunk of source.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (limit !== null && bytes > limit.bytes) throw tooLarge(limit);
      yield chunk;
    }
  } catch (error) {
    throw error instanceof Problem ? error : broken(error);
  } finally {
    request.off('close', onClose);
    if (source !== request) close(source, request);
    await drain(request);
  }
}

/** @throws Problem before the first byte, where the end is known already. */
function assertReadable(request: IncomingMessage, source: Readable, limit: SizeLimit | null): void {
  const announced = source === request ? Number(request.headers['content-length'] ?? 0) : 0;
  if (limit !== null && announced > limit.bytes) throw tooLarge(limit);
  // The caller disconnected during authentication.
  if (request.destroyed) throw broken();
}

/** The decompressed stream. */
function open(request: IncomingMessage): Readable {
  const encoding = (request.headers['content-encoding'] ?? 'identity').toLowerCase();
  if (encoding === 'identity') return request;
  if (!isKnown(encoding)) throw notReadable();
  return request.pipe(decompressors[encoding]());
}

function isKnown(encoding: string): encoding is keyof typeof decompressors {
  return Object.hasOwn(decompressors, encoding);
}

function collect(source: Readable, request: IncomingMessage, limit: SizeLimit): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const take = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= limit.bytes) {
        chunks.push(chunk);
      } else {
        source.off('data', take);
        reject(tooLarge(limit));
      }
    };
    source.on('data', take);
    source.on('end', () => {
      const [only] = chunks;
      resolve(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks));
    });
    source.on('error', (cause) => {
      reject(broken(cause));
    });
    // A caller that disconnects in the middle of the body does not end the decompression stream.
    request.on('close', () => {
      if (!request.complete) reject(broken());
    });
  });
}

/** Drains the request without keeping its bytes. */
function drain(request: IncomingMessage): Promise<void> {
  if (request.readableEnded || request.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    request.on('close', resolve);
    request.on('end', resolve);
    request.resume();
  });
}

/** Stops decompressing, and drains any bytes after the end of the compressed data. */
function close(source: Readable, request: IncomingMessage): void {
  request.unpipe();
  source.destroy();
  request.resume();
}

function broken(cause?: unknown): Problem {
  return new Problem('bad_request', 'The request body did not arrive whole', { cause });
}

function tooLarge({ text }: SizeLimit): Problem {
  return new Problem('too_large', `The request body is larger than ${text}`);
}

export function notReadable(): Problem {
  return new Problem('unsupported_media_type', 'The body must be UTF-8 JSON, plain or compressed');
}
