/** A real HTTP server on a free port of 127.0.0.1. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

export interface ReceivedRequest {
  method: string;
  /** The raw path and query. */
  url: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export interface LocalServer {
  /** `http://127.0.0.1:<port>`, without a trailing slash. */
  url: string;
  /** Every request so far, in order of arrival. */
  requests: ReceivedRequest[];
  /**
   * Stops listening and closes open connections, even those that wait for an answer. Upgraded connections belong to
   * their owner.
   */
  close(): Promise<void>;
}

export type Upgrade = (message: IncomingMessage, socket: Duplex, head: Buffer) => void;

/**
 * Starts a server that records each request with its whole body and lets `answer` reply (or not).
 * @param upgrade takes over connections that become WebSockets.
 * @param listenOn the port, for a server that restarts on the same one (default: a free port).
 */
export async function startLocalServer(
  answer: (request: ReceivedRequest, response: ServerResponse) => void,
  upgrade?: Upgrade,
  listenOn = { host: '127.0.0.1', port: 0 },
): Promise<LocalServer> {
  const requests: ReceivedRequest[] = [];
  const server = createServer((message, response) => {
    const chunks: Buffer[] = [];
    message.on('data', (chunk: Buffer) => chunks.push(chunk));
    message.on('end', () => {
      const { method = '', url = '', headers } = message;
      const request = { method, url, headers, body: Buffer.concat(chunks) };
      requests.push(request);
      answer(request, response);
    });
  });
  // Node's default of five seconds would close connections that a slow client on a busy machine still uses.
  server.keepAliveTimeout = 120_000;
  if (upgrade !== undefined) server.on('upgrade', upgrade);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(listenOn.port, listenOn.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  return {
    url: `http://${listenOn.host}:${String(port)}`,
    requests,
    close: () =>
      (closing ??= new Promise<void>((resolve, reject) => {
        server.close((error) => {
          if (error) reject(error);
          else resolve();
        });
        server.closeAllConnections();
      })),
  };
}

/** Replies with a status, a JSON value and optional headers. */
export function replyJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(value));
}
