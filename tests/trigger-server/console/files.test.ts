/** The built console at `/`, and what the server says where it is not built. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import express from 'express';
import request from 'supertest';
import { consoleFiles } from '../../../trigger-server/src/console/files';
import { setSecurityHeaders } from '../../../trigger-server/src/http/reply-headers';
import { startTestServer, type TestServer } from '../../support/test-server';

const policy =
  /^default-src 'none';script-src 'self';style-src 'self';.*frame-ancestors 'none';report-uri \/csp-reports$/;

const script = 'export const text = "a script that is sent to a browser";';

describe('a built console', () => {
  let folder: string;
  let server: Server;
  let agent: ReturnType<typeof request>;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'console-'));
    mkdirSync(join(folder, 'assets'));
    writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Console</title>');
    writeFileSync(join(folder, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
    writeFileSync(join(folder, 'assets', 'index-abc123.js'), script);
    writeFileSync(join(folder, 'assets', 'index-abc123.js.br'), brotliCompressSync(script));
    writeFileSync(join(folder, 'assets', 'index-abc123.js.gz'), gzipSync(script));
    writeFileSync(join(folder, '.secret'), 'secret');
    const app = express().use(setSecurityHeaders).use(consoleFiles(folder));
    server = app.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    agent = request(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}`);
  });
  afterAll(async () => {
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true });
  });

  test('its page is asked for again each time, and has a strict policy of its own', async () => {
    const reply = await agent.get('/').expect(200);
    expect(reply.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'content-security-policy': expect.stringMatching(policy) as string,
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
    await agent
      .get('/')
      .set('If-None-Match', reply.headers.etag ?? '')
      .expect(304);
  });

  test('an asset, whose name changes with its content, is kept for a year', async () => {
    const reply = await agent.get('/assets/index-abc123.js').expect(200);
    expect(reply.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
    });
    const icon = await agent.get('/favicon.svg').expect(200);
    expect(icon.headers).toMatchObject({ 'content-type': 'image/svg+xml', 'cache-control': 'no-cache' });
  });

  /** The encoding of the reply, and the script as a client that accepts these encodings gets it. */
  async function load(accepted: string | undefined): Promise<[string | undefined, string]> {
    const { port } = server.address() as AddressInfo;
    const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
      get(
        {
          host: '127.0.0.1',
          port,
          path: '/assets/index-abc123.js',
          headers: accepted === undefined ? {} : { 'Accept-Encoding': accepted },
        },
        resolve,
      ).on('error', reject);
    });
    expect(incoming.headers).toMatchObject({
      vary: 'Accept-Encoding',
      'content-type': 'text/javascript; charset=utf-8',
    });
    const bytes = await buffer(incoming);
    const encoding = incoming.headers['content-encoding'];
    const decode = { br: brotliDecompressSync, gzip: gunzipSync }[encoding ?? ''] ?? ((same: Buffer) => same);
    return [encoding, decode(bytes).toString()];
  }

  test.each([
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip, deflate', 'gzip'],
    ['gzip, br;q=0.5', 'br'],
    ['gzip, br;q=0', 'gzip'],
    ['br;q=0, gzip;q=0', undefined],
    ['identity', undefined],
    [undefined, undefined],
  ])('with Accept-Encoding: %s a script is sent as %s', async (accepted, encoding) => {
    expect(await load(accepted)).toEqual([encoding, script]);
  });

  test('a file that is not compressed is sent as it is', async () => {
    const reply = await agent.get('/').set('Accept-Encoding', 'gzip, br').expect(200);
    expect(reply.headers['content-encoding']).toBeUndefined();
    expect(reply.text).toBe('<!doctype html><title>Console</title>');
  });

  test.each(['/calls', '/calls/12', '/agents/3', '/guard/keys', '/sign-in'])(
    '%s is the page: its script shows the screen of that address',
    async (path) => {
      const reply = await agent.get(path).expect(200);
      expect(reply.text).toBe('<!doctype html><title>Console</title>');
      expect(reply.headers).toMatchObject({
        'cache-control': 'no-cache',
        'content-security-policy': expect.stringMatching(policy) as string,
      });
    },
  );

  test.each([
    '/assets/',
    '/assets',
    '/assets/missing.js',
    '/assets/index-abc123.js.br',
    '/.secret',
    '/..%2f..%2fetc%2fpasswd',
    '/callsign',
  ])('%s is nothing', async (path) => {
    await agent.get(path).expect(404);
  });
});

describe('a console that is not built', () => {
  let server: Server;
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  test('the page says so, with the command that builds it and a link to the API reference', async () => {
    server = express().use(consoleFiles(null)).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    const reply = await request(url)
      .get('/')
      .expect(200)
      .expect('Content-Type', /^text\/html/);
    expect(reply.text).toContain('npm run build');
    expect(reply.text).toContain('href="/docs"');
    expect(reply.headers['content-security-policy']).toMatch(policy);
  });
});

describe('reports of a violated policy', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.close());

  const report = (body: string) =>
    server.request.post('/csp-reports').set('Content-Type', 'application/csp-report').send(body);
  const count = async () => (await server.services.metrics.policyViolations.get()).values[0]?.value;

  test('are counted and logged, without the text of the page', async () => {
    const before = (await count()) ?? 0;
    const quoted = {
      'effective-directive': 'script-src-elem',
      'script-sample': 'alert("Jane")',
      'document-uri': 'http://x/#/calls',
    };
    await report(JSON.stringify({ 'csp-report': quoted })).expect(204);
    await report('{"csp-report": {"effective-directive": "Jane Doe"}}').expect(204);
    expect(await count()).toBe(before + 2);
    const log = server.logLines.join('');
    expect(log).toContain('"directive":"script-src-elem"');
    expect(log).toContain('"directive":"unknown"');
    expect(log).not.toMatch(/Jane|#\/calls/);
  });

  test('are limited in size', async () => {
    await report('x'.repeat(16 * 1024 + 1)).expect(413);
    await server.request.get('/csp-reports').expect(405);
    await server.request.post('/').expect(405);
  });
});
