/** Streamed replies. */
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import express from 'express';
import pino from 'pino';
import { createErrorAnswers } from '../../../trigger-server/src/http/errors';
import { Problem } from '../../../trigger-server/src/problem';
import { route, streamedReply, StreamedReply } from '../../../trigger-server/src/http/route';
import { serveRoutes } from '../../../trigger-server/src/http/serve-routes';

let server: Server | undefined;
let logLines: string[];
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => server?.close(resolve));
});

/** @returns the URL at which the stream is served. */
async function serve(reply: () => StreamedReply | Promise<StreamedReply>): Promise<string> {
  logLines = [];
  const app = express();
  const file = route({
    method: 'get',
    path: '/file',
    tag: 'Files',
    summary: 'A file',
    auth: 'none',
    reply: streamedReply,
    streams: ['text/plain'],
    handle: async () => reply(),
  });
  const log = pino({ level: 'error' }, { write: (line: string) => void logLines.push(line) });
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
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/files/file`;
}

test('has its declared type, status and headers', async () => {
  const url = await serve(
    () =>
      new StreamedReply('text/plain', () => Readable.from(['part ', 'of it']), {
        status: 206,
        headers: { 'Content-Range': 'bytes 0-9/20' },
      }),
  );
  const reply = await fetch(url);
  expect(reply.status).toBe(206);
  expect(reply.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  expect(reply.headers.get('content-range')).toBe('bytes 0-9/20');
  expect(await reply.text()).toBe('part of it');
});

test('HEAD gets the headers, and nothing is opened', async () => {
  let opened = 0;
  const url = await serve(
    () =>
      new StreamedReply('text/plain', () => {
        opened += 1;
        return Readable.from(['never read']);
      }),
  );
  const reply = await fetch(url, { method: 'HEAD' });
  expect(reply.status).toBe(200);
  expect(reply.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  expect(opened).toBe(0);
});

test('a failed open is answered as an error, without the headers of the file', async () => {
  const gone = () => Promise.reject(new Problem('not_found', 'It has gone'));
  const url = await serve(
    () => new StreamedReply('audio/wav', gone, { status: 206, headers: { 'Content-Range': 'bytes 0-1/9' } }),
  );
  const reply = await fetch(url);
  expect([reply.status, reply.headers.get('content-range')]).toEqual([404, null]);
  expect(await reply.json()).toEqual({ detail: 'It has gone', code: 'not_found' });
});

test('a stream that fails after the caller disconnected does no harm, and nothing is logged', async () => {
  const file = createReadStream('/nowhere/recording.wav');
  const closed = new Promise<void>((resolve) => file.once('close', resolve));
  const caller = new AbortController();
  let gone: Promise<unknown> | undefined;
  const url = await serve(
    () =>
      new StreamedReply('text/plain', async () => {
        caller.abort();
        await gone;
        return file;
      }),
  );
  server?.prependOnceListener('request', (_request, response: ServerResponse) => {
    gone = once(response, 'close');
  });
  // Between the opening of the file and the reply, the file has no other error listener.
  file.on('error', () => undefined);
  await expect(fetch(url, { signal: caller.signal })).rejects.toThrow('aborted');
  await closed;
  expect(file.errored).toMatchObject({ code: 'ENOENT' });
  expect(logLines).toEqual([]);
});

test('nothing is opened for a caller that has disconnected already', async () => {
  let opened = 0;
  const caller = new AbortController();
  let gone: Promise<unknown> | undefined;
  let handled: () => void;
  const answered = new Promise<void>((resolve) => {
    handled = resolve;
  });
  const url = await serve(async () => {
    caller.abort();
    await gone;
    setImmediate(handled);
    return new StreamedReply('text/plain', () => {
      opened += 1;
      return Readable.from([]);
    });
  });
  server?.prependOnceListener('request', (_request, response: ServerResponse) => {
    gone = once(response, 'close');
  });
  await expect(fetch(url, { signal: caller.signal })).rejects.toThrow('aborted');
  await answered;
  expect(opened).toBe(0);
});

test('one that fails midway breaks the connection and is logged: nobody takes a part for the whole', async () => {
  async function* failing() {
    yield 'some of it';
    await Promise.resolve();
    throw new Error('the disk is gone');
  }
  const url = await serve(() => new StreamedReply('text/plain', () => Readable.from(failing())));
  const reply = fetch(url).then((begun) => begun.text());
  await expect(reply).rejects.toThrow();
  expect(logLines.join('')).toContain('a reply broke off');
});

test('when the caller disconnects, the stream is destroyed, and nothing is logged', async () => {
  let pulls = 0;
  const endless = new Readable({
    read() {
      pulls += 1;
      this.push('x'.repeat(1_000_000));
    },
  });
  const url = await serve(() => new StreamedReply('text/plain', () => endless));
  const closed = new Promise((resolve) => endless.once('close', resolve));
  const controller = new AbortController();
  const reply = await fetch(url, { signal: controller.signal });
  await reply.body!.getReader().read();
  controller.abort();
  await closed;
  // The stream was read only as fast as the caller received it.
  expect(pulls).toBeLessThan(1_000);
  expect(logLines).toEqual([]);
});
