/** How a stopping server closes its connections. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { trackConnections, type OpenConnections } from '../../../trigger-server/src/http/open-connections';

let server: Server;
let connections: OpenConnections;
let address: string;
beforeEach(async () => {
  server = createServer((request, response) => {
    // `/slow` begins a reply that never ends.
    response.write('begun');
    if (request.url !== '/slow') response.end();
  });
  connections = trackConnections(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  address = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

test('a reply that does not end is cut off when its time is over', async () => {
  const reply = await fetch(`${address}/slow`);
  const read = expect(reply.text()).rejects.toThrow('terminated');
  await connections.closeWithin(50);
  await read;
});

test('a connection without a request does not delay the end', async () => {
  expect(await (await fetch(address)).text()).toBe('begun');
  await connections.closeWithin(60_000);
});
