/** A reply that is sent as it comes. */
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import express from 'express';
import pino from 'pino';
import { errorHandler } from '../../../trigger-server/src/http/errors';
import { mountRoutes } from '../../../trigger-server/src/http/mount';
import { route, streamedReply, StreamedReply } from '../../../trigger-server/src/http/route';

let server: Server | undefined;
let logLines: string[];
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => server?.close(resolve));
});

/** Serves the stream at the URL that it gives. */
async function serve(reply: () => StreamedReply | Promise<StreamedReply>): Promise<string> {
  logLines = [];
  const app = express();
  mountRoutes(
    app,
    [
      route({
        method: 'get',
        path: '/file',
        tag: 'Files',
        summary: 'A file',
        auth: 'none',
        reply: streamedReply,
        streams: ['text/plain'],
        handle: async () => reply(),
      }),
    ],
    () => Promise.resolve(undefined),
    true,
  );
  app.use(
    errorHandler(pino({ level: 'error' }, { write: (line: string) => void logLines.push(line) }), true),
  );
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/file`;
}

test('has the type, the status and the headers that it says', async () => {
  const url = await serve(
    () =>
      new StreamedReply('text/plain', Readable.from(['part ', 'of it']), {
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

test('HEAD gets the headers, and the stream is let go of unread', async () => {
  const stream = Readable.from(['never read']);
  const url = await serve(() => new StreamedReply('text/plain', stream));
  const reply = await fetch(url, { method: 'HEAD' });
  expect(reply.status).toBe(200);
  expect(reply.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  expect(stream.destroyed).toBe(true);
});

test('HEAD of a file that cannot be opened any more gets the headers, and the late failure hurts nobody', async () => {
  let closed: Promise<unknown> | undefined;
  const url = await serve(() => {
    const file = createReadStream('/nowhere/recording.wav');
    closed = new Promise<void>((resolve) => file.once('close', resolve)).then(() => file.errored);
    return new StreamedReply('audio/wav', file);
  });
  expect((await fetch(url, { method: 'HEAD' })).status).toBe(200);
  expect(await closed).toMatchObject({ code: 'ENOENT' });
});

test('where the caller has gone before the reply begins, the stream is let go of, and nothing is logged', async () => {
  const file = createReadStream(__filename);
  const closed = new Promise<void>((resolve) => file.once('close', resolve));
  const caller = new AbortController();
  let gone: Promise<unknown> | undefined;
  const url = await serve(async () => {
    caller.abort();
    await gone;
    return new StreamedReply('text/plain', file);
  });
  server?.prependOnceListener('request', (_request, response: ServerResponse) => {
    gone = once(response, 'close');
  });
  await expect(fetch(url, { signal: caller.signal })).rejects.toThrow('aborted');
  await closed;
  expect(file.destroyed).toBe(true);
  expect(logLines).toEqual([]);
});

test('one that fails midway breaks the connection and is logged: nobody takes a part for the whole', async () => {
  async function* failing() {
    yield 'some of it';
    await Promise.resolve();
    throw new Error('the disk is gone');
  }
  const url = await serve(() => new StreamedReply('text/plain', Readable.from(failing())));
  const reply = fetch(url).then((begun) => begun.text());
  await expect(reply).rejects.toThrow();
  expect(logLines.join('')).toContain('a reply broke off');
});

test('when the caller goes, the stream is let go of, and nothing is logged', async () => {
  let pulls = 0;
  const endless = new Readable({
    read() {
      pulls += 1;
      this.push('x'.repeat(1_000_000));
    },
  });
  const url = await serve(() => new StreamedReply('text/plain', endless));
  const closed = new Promise((resolve) => endless.once('close', resolve));
  const controller = new AbortController();
  const reply = await fetch(url, { signal: controller.signal });
  await reply.body!.getReader().read();
  controller.abort();
  await closed;
  // It was read only as fast as it was taken.
  expect(pulls).toBeLessThan(1_000);
  expect(logLines).toEqual([]);
});
