import type { ServerResponse } from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createAddressGuard } from '../../../trigger-server/src/egress/address-guard';
import { createCarrierHttp, NoReplyError, NotSentError } from '../../../trigger-server/src/egress/client';
import { ManualClock } from '../../support/manual-clock';
import { replyJson, startLocalServer, type LocalServer } from '../../support/local-server';

let server: LocalServer | undefined;
let http: ReturnType<typeof createCarrierHttp>;
let clock: ManualClock;

beforeEach(() => {
  clock = new ManualClock();
  http = createCarrierHttp({ addressGuard: createAddressGuard([]), clock });
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  await http.close();
});

function post(url: string, extras: { guarded?: true } = {}, organizationId = 1) {
  const headers = { 'content-type': 'text/plain' };
  return http.send({ method: 'POST', url, headers, body: 'x', ...extras }, organizationId);
}

test('a status is a value, whatever it is, and a redirect is not followed', async () => {
  server = await startLocalServer((_request, response) => {
    response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end('elsewhere');
  });
  expect(await post(server.url)).toEqual({
    status: 302,
    body: 'elsewhere',
    date: expect.any(String) as string,
  });
  expect(server.requests).toHaveLength(1);
});

test('a request without a connection was certainly not sent', async () => {
  server = await startLocalServer(() => undefined);
  const { url } = server;
  await server.close();
  server = undefined;
  await expect(post(url)).rejects.toBeInstanceOf(NotSentError);
});

test('a request to a name that does not exist was certainly not sent', async () => {
  await expect(post('http://carrier.invalid/')).rejects.toBeInstanceOf(NotSentError);
});

test.each<[string, () => Promise<Server>]>([
  ['speaks no TLS', () => rawServer('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ['cuts the line before TLS stands', () => rawServer(null)],
])('a server that %s was certainly sent nothing', async (_title, start) => {
  const peer = await start();
  const url = `https://127.0.0.1:${String((peer.address() as AddressInfo).port)}`;
  await expect(post(url)).rejects.toBeInstanceOf(NotSentError);
  await new Promise((resolve) => peer.close(resolve));
});

/** Answers every connection with this text and closes it. For null, it resets the connection without an answer. */
async function rawServer(says: string | null): Promise<Server> {
  const peer = createServer((socket) => {
    socket.once('data', () => {
      if (says === null) socket.resetAndDestroy();
      else socket.end(says);
    });
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => peer.listen(0, '127.0.0.1', resolve));
  return peer;
}

test('when a kept-alive connection is reset, the outcome of the request on it is unknown, and it is not repeated', async () => {
  server = await startLocalServer((request, response) => {
    if (server?.requests.length === 1) replyJson(response, 200, { url: request.url });
    else response.socket?.resetAndDestroy();
  });
  await post(server.url);
  await expect(post(server.url)).rejects.toBeInstanceOf(NoReplyError);
  expect(server.requests).toHaveLength(2);
});

test.each<[string, (response: { destroy(): void; write(text: string): void }) => void]>([
  ['is never answered', () => undefined],
  [
    'is cut off after it was read',
    (response) => {
      response.destroy();
    },
  ],
  [
    'is answered by a body that never ends',
    (response) => {
      response.write('{');
    },
  ],
])('a request that %s has an unknown outcome, and is not repeated', async (_title, play) => {
  let arrive: () => void = () => undefined;
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  server = await startLocalServer((_request, response) => {
    play(response);
    arrive();
  });
  const sent = expect(post(server.url)).rejects.toBeInstanceOf(NoReplyError);
  await arrived;
  await clock.advance(15_000, () => Promise.resolve());
  await sent;
  expect(server.requests).toHaveLength(1);
});

/** The maximum number of concurrent requests from one organization to one host. */
const atOnce = 128;

/** A carrier that answers requests only when the test calls `answerAll`. */
async function startSlowCarrier(): Promise<{ arrived(count: number): Promise<void>; answerAll(): void }> {
  const held: ServerResponse[] = [];
  let heard: () => void = () => undefined;
  server = await startLocalServer((_request, response) => {
    held.push(response);
    heard();
  });
  return {
    async arrived(count) {
      while ((server?.requests.length ?? 0) < count) {
        await new Promise<void>((resolve) => {
          heard = resolve;
        });
      }
    },
    answerAll() {
      for (const response of held.splice(0)) replyJson(response, 200, {});
    },
  };
}

test('a request that was not sent within 5 seconds is never sent; one that was sent continues', async () => {
  const carrier = await startSlowCarrier();
  const url = server?.url ?? '';
  const sent = Array.from({ length: atOnce }, () => post(url));
  await carrier.arrived(atOnce);
  const late = Array.from({ length: 20 }, () => post(url));
  const refused = Promise.all(late.map((one) => expect(one).rejects.toBeInstanceOf(NotSentError)));
  await clock.advance(5000, () => Promise.resolve());
  await refused;
  carrier.answerAll();
  expect((await Promise.all(sent)).map(({ status }) => status)).toEqual(Array(atOnce).fill(200));
  const after = post(url);
  await carrier.arrived(atOnce + 1);
  carrier.answerAll();
  await after;
  expect(server?.requests).toHaveLength(atOnce + 1);
});

test('a connection that is not established in time is given up', async () => {
  const sockets: Socket[] = [];
  const peer = createServer((socket) => void sockets.push(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => peer.listen(0, '127.0.0.1', resolve));
  const reached = new Promise((resolve) => peer.once('connection', resolve));
  const refused = expect(
    post(`https://127.0.0.1:${String((peer.address() as AddressInfo).port)}`),
  ).rejects.toBeInstanceOf(NotSentError);
  await reached;
  await clock.advance(5000, () => Promise.resolve());
  await refused;
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => peer.close(resolve));
});

test('a request that leaves the queue within 5 seconds is sent', async () => {
  const carrier = await startSlowCarrier();
  const url = server?.url ?? '';
  const first = Array.from({ length: atOnce }, () => post(url));
  const second = Array.from({ length: 20 }, () => post(url));
  await carrier.arrived(atOnce);
  await clock.advance(4999, () => Promise.resolve());
  carrier.answerAll();
  await carrier.arrived(atOnce + 20);
  await clock.advance(1000, () => Promise.resolve());
  carrier.answerAll();
  const replies = await Promise.all([...first, ...second]);
  expect(replies.map(({ status }) => status)).toEqual(Array(atOnce + 20).fill(200));
});

test('an organization whose calls a host answers slowly takes no connection from another one', async () => {
  const carrier = await startSlowCarrier();
  const url = server?.url ?? '';
  const slow = Array.from({ length: 500 }, () => post(url, {}, 1).catch((error: unknown) => error));
  await carrier.arrived(atOnce);
  const other = post(url, {}, 2);
  await carrier.arrived(atOnce + 1);
  expect(server?.requests).toHaveLength(atOnce + 1);
  await clock.advance(5000, () => Promise.resolve());
  carrier.answerAll();
  expect((await other).status).toBe(200);
  const outcomes = await Promise.all(slow);
  expect(outcomes.filter((one) => one instanceof NotSentError)).toHaveLength(500 - atOnce);
});

test('a reply beyond 1 MiB is not read to its end', async () => {
  server = await startLocalServer((_request, response) => {
    response.end('x'.repeat(1024 * 1024 + 1));
  });
  await expect(post(server.url)).rejects.toThrow('more than 1 MiB');
});

test('an address that a tenant supplied does not lead into the private network', async () => {
  server = await startLocalServer((_request, response) => {
    replyJson(response, 200, {});
  });
  const byName = server.url.replace('127.0.0.1', 'localhost');
  await expect(post(byName, { guarded: true })).rejects.toBeInstanceOf(NotSentError);
  await expect(post(server.url, { guarded: true })).rejects.toBeInstanceOf(NotSentError);
  expect(server.requests).toHaveLength(0);
});
