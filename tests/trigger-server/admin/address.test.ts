/** `doctor` at the public address: what it finds there, and what it says. */
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { checkAddress } from '../../../trigger-server/src/admin/doctor/address';
import type { Finding } from '../../../trigger-server/src/admin/doctor/finding';
import { createSystemClock } from '../../../trigger-server/src/clock';
import { createAddressGuard } from '../../../trigger-server/src/egress/address-guard';
import { createCarrierHttp } from '../../../trigger-server/src/egress/client';
import { selfSigned } from '../../support/self-signed';

const http = createCarrierHttp({
  addressGuard: createAddressGuard([]),
  clock: createSystemClock(0, () => undefined),
});
afterAll(() => http.close());

/** @returns what is wrong, by what was checked. */
async function findings(server: Server, scheme = 'http'): Promise<Record<string, string>> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `${scheme}://localhost:${String((server.address() as AddressInfo).port)}`;
  try {
    const found: Record<string, string> = {};
    for await (const { about, wrong } of checkAddress(http, address)) {
      found[about.replace(address, '…')] = wrong.join(' ');
    }
    return found;
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** The health of a server whose PUBLIC_BASE_URL is the address that was asked. */
const own: RequestListener = ({ headers: { host = '' } }, response) => {
  response.end(JSON.stringify({ backend_api_endpoint: `http://${host}` }));
};

test('the server itself, with a right clock, is well', async () => {
  expect(await findings(createServer(own))).toEqual({
    'PUBLIC_BASE_URL …': '',
    'clock, against that address': '',
  });
});

test('a redirect is no address for carriers', async () => {
  const server = createServer((_request, response) => response.writeHead(308, { Location: '/' }).end());
  expect((await findings(server))['PUBLIC_BASE_URL …']).toMatch(
    /it answers 308 .* Carriers follow no redirect/,
  );
});

test('another server there is noticed', async () => {
  const server = createServer((_request, response) =>
    response.end('{"backend_api_endpoint":"https://else"}'),
  );
  expect((await findings(server))['PUBLIC_BASE_URL …']).toMatch(/another server answers there/);
});

test('a certificate that nobody trusts is named', async () => {
  expect(await findings(createTlsServer(selfSigned, own), 'https')).toEqual({
    'PUBLIC_BASE_URL …': expect.stringMatching(/does not reach it: .*certificate/) as string,
  });
});

test.each([
  [-60_000, 'ahead of'],
  [60_000, 'behind'],
])('a clock that is wrong by a minute is noticed (%p)', async (offset, words) => {
  const server = createServer((request, response) => {
    response.setHeader('Date', new Date(Date.now() + offset).toUTCString());
    own(request, response);
  });
  expect((await findings(server))['clock, against that address']).toMatch(
    new RegExp(`this machine is (?:59|60|61) s ${words} that server’s.*NTP`),
  );
});

test('a name without TLS is not for the internet', async () => {
  const plain = { send: () => Promise.resolve({ status: 200, body: '"http://calls.example.com"' }) };
  const found = await checkAddress(plain, 'http://calls.example.com').next();
  expect((found.value as Finding).wrong).toEqual([expect.stringContaining('not encrypted')]);
});
