/** The request and response objects that Express receives. */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { createExpressServer } from '../../../trigger-server/src/http/express-server';

test('a request and its response come to Express with the prototypes that it would give them', async () => {
  const app = express();
  app.get('/', (request, response) => {
    response.json({ path: request.path, app: request.app === app });
  });
  const server = createExpressServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const prototypes: unknown[] = [];
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    prototypes.push(Object.getPrototypeOf(request), Object.getPrototypeOf(response));
  });
  const reply = await fetch(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`);
  expect(await reply.json()).toEqual({ path: '/', app: true });
  server.closeAllConnections();
  server.close();
  expect(prototypes[0]).toBe(app.request);
  expect(prototypes[1]).toBe(app.response);
});
