/** The built console at `/`, and what the server says where it is not built. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import request from 'supertest';
import { consoleFiles } from '../../../trigger-server/src/console/files';
import { setSecurityHeaders } from '../../../trigger-server/src/http/reply-headers';
import { startTestServer, type TestServer } from '../../support/test-server';

const policy =
  /^default-src 'none';script-src 'self';style-src 'self';.*frame-ancestors 'none';report-uri \/csp-reports$/;

describe('a built console', () => {
  let folder: string;
  let server: Server;
  let agent: ReturnType<typeof request>;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'console-'));
    mkdirSync(join(folder, 'assets'));
    writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Console</title>');
    writeFileSync(join(folder, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
    writeFileSync(join(folder, 'assets', 'index-abc123.js'), 'export {};');
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
    '/.secret',
    '/..%2f..%2fetc%2fpasswd',
    '/callsign',
  ])('%s is nothing', async (path) => {
    await agent.get(path).expect((reply) => {
      expect([403, 404]).toContain(reply.status);
    });
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
