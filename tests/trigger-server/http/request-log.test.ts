/** The log line of a request. `wire/wire.test.ts` tests its usual content. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import express from 'express';
import pino from 'pino';
import { systemChance } from '../../../trigger-server/src/clock';
import { requestLog } from '../../../trigger-server/src/http/request/request-log';

const lines: Record<string, unknown>[] = [];
let server: Server;
let logged: () => void;

beforeAll(async () => {
  const log = pino(
    {
      base: null,
      timestamp: false,
    },
    {
      write: (line: string) => {
        lines.push(JSON.parse(line) as Record<string, unknown>);
        logged();
      },
    },
  );
  const app = express();
  const noteRequest = requestLog(log, systemChance);
  app.use((request, response, next) => {
    noteRequest(request, response);
    next();
  });
  app.get('/broken', (_request, response) => {
    response.status(503).end();
  });
  app.get('/gone', (request, response) => {
    request.socket.destroy();
    response.write('to nobody');
    response.end();
    response.write('and after the end');
  });
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

async function lineOf(path: string): Promise<Record<string, unknown> | undefined> {
  lines.length = 0;
  const written = new Promise<void>((resolve) => {
    logged = resolve;
  });
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined);
  socket.end(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  await once(socket.resume(), 'close');
  await written;
  expect(lines).toHaveLength(1);
  return lines[0];
}

test('a 5xx is logged as an error', async () => {
  expect(await lineOf('/broken')).toMatchObject({
    level: 50,
    status: 503,
    route: 'unmatched',
    msg: 'request',
  });
});

test('a caller that disconnected has one log line too, and writing to it does not end the process', async () => {
  expect(await lineOf('/gone')).toMatchObject({ level: 30, method: 'GET', msg: 'request' });
});
