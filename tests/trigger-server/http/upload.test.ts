/** Routes that take a file: its bytes are streamed to the handler. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import express from 'express';
import pino from 'pino';
import * as z from 'zod';
import { createErrorAnswers } from '../../../trigger-server/src/http/errors';
import { route } from '../../../trigger-server/src/http/route';
import { serveRoutes } from '../../../trigger-server/src/http/serve-routes';
import { openRequest } from '../../support/open-request';

const limit = { bytes: 1000, text: '1000 bytes' };

let server: Server;
let url: string;
let read: (upload: AsyncIterable<Buffer>) => Promise<string>;
beforeAll(async () => {
  const app = express();
  const file = route({
    method: 'post',
    path: '/file',
    tag: 'Files',
    summary: 'A file',
    auth: 'none',
    upload: { contentType: 'text/csv', example: 'a;b', limit },
    reply: z.object({ text: z.string() }),
    handle: async ({ upload }) => ({ text: await read(upload) }),
  });
  const log = pino({ level: 'silent' });
  app.use(
    serveRoutes('/files', [file], {
      admit: () => Promise.resolve(undefined),
      answerError: createErrorAnswers(log, true),
      judgesFields: true,
      log,
    }),
  );
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/files/file`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  read = async (upload) => {
    const chunks: Buffer[] = [];
    for await (const chunk of upload) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  };
});

async function send(body: Buffer | string, headers: Record<string, string> = {}) {
  const reply = await fetch(url, {
    method: 'POST',
    body,
    headers: { 'Content-Type': 'text/csv', ...headers },
  });
  return { status: reply.status, body: (await reply.json()) as { text?: string; detail?: string } };
}

test.each([
  ['as it is', Buffer.from('a;b\n'), {}],
  ['compressed', gzipSync('a;b\n'), { 'Content-Encoding': 'gzip' }],
  ['with its charset', Buffer.from('a;b\n'), { 'Content-Type': 'text/csv; charset=UTF-8' }],
])('reads a file %s', async (_how, body, headers) => {
  expect(await send(body, headers)).toEqual({ status: 200, body: { text: 'a;b\n' } });
});

test('gets the first bytes while the others are still to come', async () => {
  let gotFirst: (text: string) => void = () => undefined;
  const first = new Promise<string>((resolve) => (gotFirst = resolve));
  read = async (upload) => {
    let text = '';
    for await (const chunk of upload) gotFirst((text += chunk.toString()));
    return text;
  };
  const sending = openRequest(url, { method: 'POST', headers: { 'Content-Type': 'text/csv' } });
  sending.write('first ');
  expect(await first).toBe('first ');
  sending.end('second');
  const [reply] = (await once(sending, 'response')) as [NodeJS.ReadableStream];
  let body = '';
  for await (const chunk of reply) body += String(chunk);
  expect(JSON.parse(body)).toEqual({ text: 'first second' });
});

test.each([
  ['announced', 'x'.repeat(1001), {}],
  ['compressed', gzipSync('x'.repeat(1001)), { 'Content-Encoding': 'gzip' }],
])('refuses more bytes than the limit, %s', async (_how, body, headers) => {
  expect(await send(body, headers)).toMatchObject({
    status: 413,
    body: { detail: 'The request body is larger than 1000 bytes' },
  });
});

test('reads nothing of a file that is announced as too large', async () => {
  let chunks = 0;
  read = async (upload) => {
    for await (const chunk of upload) chunks += chunk.length;
    return '';
  };
  expect((await send('x'.repeat(1001))).status).toBe(413);
  expect(chunks).toBe(0);
});

test('takes exactly as many bytes as the limit', async () => {
  expect((await send('x'.repeat(1000))).status).toBe(200);
});

test.each([
  ['another type', { 'Content-Type': 'application/json' }],
  ['another charset', { 'Content-Type': 'text/csv; charset=latin1' }],
  ['an unknown compression', { 'Content-Encoding': 'zstd' }],
])('refuses %s', async (_what, headers) => {
  expect((await send('a', headers)).status).toBe(415);
});

test('refuses a file that is not compressed as it says', async () => {
  expect((await send('a;b', { 'Content-Encoding': 'gzip' })).status).toBe(400);
});

test('a handler that stops early has its reply sent, also while the caller still sends', async () => {
  read = async (upload) => {
    for await (const chunk of upload) return `stopped after ${String(chunk.length > 0)}`;
    return 'nothing';
  };
  expect(await send('x'.repeat(1000))).toEqual({ status: 200, body: { text: 'stopped after true' } });
});

test.each([
  ['plain', Buffer.from('x'.repeat(100)), 'identity'],
  ['compressed', gzipSync('x'.repeat(100)), 'gzip'],
])('a caller who goes in the middle of a %s file ends the reading', async (_how, whole, encoding) => {
  let begun: () => void = () => undefined;
  const reading = new Promise<void>((resolve) => (begun = resolve));
  const readAll = read;
  let ended: Promise<string> | undefined;
  read = (upload) => {
    begun();
    return (ended = readAll(upload));
  };
  const sending = openRequest(url, {
    method: 'POST',
    headers: { 'Content-Type': 'text/csv', 'Content-Encoding': encoding, 'Content-Length': whole.length },
  });
  sending.on('error', () => undefined);
  sending.write(whole.subarray(0, whole.length / 2));
  await reading;
  sending.destroy();
  await expect(ended).rejects.toMatchObject({ detail: 'The request body did not arrive whole' });
});
