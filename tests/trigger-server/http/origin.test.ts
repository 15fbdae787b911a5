/** The origin in replies: the public base URL if it is set, otherwise the origin that the caller used. */
import { connect } from 'node:net';
import { startTestServer, type TestServer } from '../../support/test-server';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

/** @returns `backend_api_endpoint` of /health for a request with only these header lines. */
async function reportedOrigin(...headerLines: string[]): Promise<string> {
  const { port } = new URL(server.baseUrl);
  const socket = connect(Number(port), '127.0.0.1');
  // HTTP/1.0 does not require a Host header.
  socket.write(`GET /api/v1/health HTTP/1.0\r\n${headerLines.map((line) => `${line}\r\n`).join('')}\r\n`);
  let reply = '';
  for await (const chunk of socket) reply += String(chunk);
  const [, body = ''] = reply.split('\r\n\r\n');
  return (JSON.parse(body) as { backend_api_endpoint: string }).backend_api_endpoint;
}

test.each([
  ['localhost:8000', 'http://localhost:8000'],
  ['calls.example.com', 'http://calls.example.com'],
  ['trigger_server:8000', 'http://trigger_server:8000'],
  ['[::1]:8000', 'http://[::1]:8000'],
])('Host: %s', async (host, expected) => {
  expect(await reportedOrigin(`Host: ${host}`)).toBe(expected);
});

test('headers that anybody can set are ignored', async () => {
  const forged = [
    'X-Forwarded-Host: evil.example',
    'X-Forwarded-Proto: https',
    'Forwarded: host=evil.example',
  ];
  expect(await reportedOrigin('Host: localhost:8000', ...forged)).toBe('http://localhost:8000');
});

test('the scheme that a trusted proxy was asked with', async () => {
  const behindProxy = await startTestServer({ TRUST_PROXY: '1' });
  const reply = await behindProxy.request
    .get('/api/v1/health')
    .set({ Host: 'calls.example.com', 'X-Forwarded-Proto': 'https' });
  await behindProxy.close();
  expect(reply.body).toMatchObject({ backend_api_endpoint: 'https://calls.example.com' });
});

test.each([
  ['no Host header', []],
  ['an empty one', ['Host: ']],
  ['a path behind the host', ['Host: evil.example/path']],
  ['a user before the host', ['Host: user@evil.example']],
  ['markup', ['Host: "><script>']],
  ['a port that is none', ['Host: localhost:http']],
  ['254 characters', [`Host: ${'a'.repeat(254)}`]],
])('%s: the address of the socket', async (_title, headerLines) => {
  expect(await reportedOrigin(...headerLines)).toBe(server.baseUrl);
});

test('PUBLIC_BASE_URL where it is set', async () => {
  const reached = await startTestServer({ PUBLIC_BASE_URL: 'https://calls.example.com/' });
  const reply = await reached.request.get('/api/v1/health').set('Host', 'localhost:8000').expect(200);
  await reached.close();
  expect(reply.body).toMatchObject({ backend_api_endpoint: 'https://calls.example.com' });
});

test('as plain Dograh the endpoint is a string, too', async () => {
  const plain = await startTestServer({ EXTENSIONS: '' });
  const reply = await plain.request.get('/api/v1/health').expect(200);
  await plain.close();
  expect(reply.body).toMatchObject({ backend_api_endpoint: plain.baseUrl });
});
