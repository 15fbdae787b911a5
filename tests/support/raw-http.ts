/** HTTP over a plain socket, with raw requests and raw replies. */
import { connect } from 'node:net';

export interface RawReply {
  status: number;
  /** Raw names and values, in their order. */
  headers: [string, string][];
  body: string;
}

export interface RawRequest {
  method: string;
  /** The raw target in the request line. */
  target: string;
  headers: Record<string, string>;
  body?: Buffer;
}

/** The bytes of a request. Its last header closes the connection, unless `headers` say otherwise. */
export function rawRequest({ method, target, headers, body }: RawRequest): Buffer {
  const all = { Host: 'localhost', Connection: 'close', ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1');
  return Buffer.concat([head, body ?? Buffer.alloc(0)]);
}

/**
 * Sends the bytes and returns the replies, once the server has closed the connection.
 * @param methods of the requests, in their order: a reply to HEAD has no body.
 */
export async function exchange(baseUrl: string, bytes: Buffer, methods: string[]): Promise<RawReply[]> {
  const socket = connect(Number(new URL(baseUrl).port), '127.0.0.1');
  const chunks: Buffer[] = [];
  await new Promise<void>((resolve) => {
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    // A server that has answered may reset the connection while the client still sends. The replies are still valid.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      resolve();
    });
    socket.write(bytes);
  });
  return readReplies(Buffer.concat(chunks), methods);
}

function readReplies(bytes: Buffer, methods: string[]): RawReply[] {
  const replies: RawReply[] = [];
  let rest = bytes;
  for (const method of methods) {
    const end = rest.indexOf('\r\n\r\n');
    if (end < 0) break;
    const [statusLine = '', ...lines] = rest.subarray(0, end).toString('latin1').split('\r\n');
    const headers = lines.map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    });
    const status = Number(statusLine.split(' ')[1]);
    const hasBody = method !== 'HEAD' && status !== 204 && status !== 304;
    const { body, after } = hasBody
      ? readBody(rest.subarray(end + 4), headers)
      : { body: Buffer.alloc(0), after: rest.subarray(end + 4) };
    replies.push({ status, headers, body: body.toString('utf8') });
    rest = after;
  }
  return replies;
}

function readBody(bytes: Buffer, headers: [string, string][]): { body: Buffer; after: Buffer } {
  const of = (expected: string) => headers.find(([name]) => name.toLowerCase() === expected)?.[1];
  if (of('transfer-encoding') === 'chunked') return readChunks(bytes);
  const length = Number(of('content-length') ?? bytes.length);
  return { body: bytes.subarray(0, length), after: bytes.subarray(length) };
}

function readChunks(bytes: Buffer): { body: Buffer; after: Buffer } {
  const parts: Buffer[] = [];
  let rest = bytes;
  for (;;) {
    const lineEnd = rest.indexOf('\r\n');
    const size = Number.parseInt(rest.subarray(0, lineEnd).toString('latin1'), 16);
    const start = lineEnd + 2;
    parts.push(rest.subarray(start, start + size));
    rest = rest.subarray(start + size + 2);
    if (!(size > 0)) return { body: Buffer.concat(parts), after: rest };
  }
}
