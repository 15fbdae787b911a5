import { createServer, type AddressInfo, type Server } from 'node:net';
import { createAddressGuard } from '../../../../trigger-server/src/telephony/carrier/address-guard';
import {
  createCarrierHttp,
  NoReplyError,
  NotSentError,
} from '../../../../trigger-server/src/telephony/carrier/http';
import { ManualClock } from '../../../support/manual-clock';
import { replyJson, startLocalServer, type LocalServer } from '../../../support/local-server';

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

function post(url: string, extras: { guarded?: true } = {}) {
  return http.send({ method: 'POST', url, headers: { 'content-type': 'text/plain' }, body: 'x', ...extras });
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

test('a connection that never came to be was surely not sent', async () => {
  server = await startLocalServer(() => undefined);
  const { url } = server;
  await server.close();
  server = undefined;
  await expect(post(url)).rejects.toBeInstanceOf(NotSentError);
});

test('a name that does not exist was surely not sent', async () => {
  await expect(post('http://carrier.invalid/')).rejects.toBeInstanceOf(NotSentError);
});

test.each<[string, () => Promise<Server>]>([
  ['speaks no TLS', () => rawServer('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ['cuts the line before TLS stands', () => rawServer(null)],
])('what %s was surely sent nothing', async (_title, start) => {
  const peer = await start();
  const url = `https://127.0.0.1:${String((peer.address() as AddressInfo).port)}`;
  await expect(post(url)).rejects.toBeInstanceOf(NotSentError);
  await new Promise((resolve) => peer.close(resolve));
});

/** Says this to whatever comes, or nothing, and cuts the line. */
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

test('a kept connection that is reset with the next request on it leaves that one’s fate unknown, and it is sent once', async () => {
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
])('a request that %s has an unknown fate, and is sent once', async (_title, play) => {
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
