/** The HTTP server that Express runs in. */
import { createServer, IncomingMessage, ServerResponse, type Server } from 'node:http';
import type { Express, Request, Response } from 'express';

/**
 * Express replaces the prototype of every incoming request and response, after which V8 accesses their properties the
 * slow way. Here they are created with that prototype, so that nothing is replaced.
 */
export function createExpressServer(app: Express): Server {
  class ExpressRequest extends IncomingMessage {}
  class ExpressResponse extends ServerResponse {}
  Object.setPrototypeOf(ExpressRequest.prototype, app.request);
  Object.defineProperty(ExpressRequest.prototype, 'upgrade', onlyWebSockets);
  Object.setPrototypeOf(ExpressResponse.prototype, app.response);
  app.request = ExpressRequest.prototype as Request;
  app.response = ExpressResponse.prototype as Response;
  return createServer({ IncomingMessage: ExpressRequest, ServerResponse: ExpressResponse }, app);
}

/** Whether Node takes a request for an upgrade, by request. */
const offered = new WeakMap<IncomingMessage, unknown>();

/**
 * Only a WebSocket leaves HTTP. Once a server takes upgrades, Node takes every request with `Upgrade` for one. So those
 * of clients that offer another protocol beside their request, such as `h2c`, would get no reply.
 */
const onlyWebSockets: PropertyDescriptor & ThisType<IncomingMessage> = {
  get() {
    return offered.get(this) === true && this.headers.upgrade?.toLowerCase() === 'websocket';
  },
  set(isOffered: unknown) {
    // Every request is first said not to be one.
    if (isOffered === true || offered.has(this)) offered.set(this, isOffered);
  },
};
