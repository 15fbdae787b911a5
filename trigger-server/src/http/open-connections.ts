/** Tracks the server's connections, so that a stopping server waits only for requests under way. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export interface OpenConnections {
  /** From now on every reply asks its client (a load balancer, for example) to use another connection afterwards. */
  retire(): void;
  /**
   * Accepts no connection any more, closes idle ones now and every other one as soon as its request has ended. Resolves
   * when all are closed.
   * @param milliseconds how long requests under way may take until their connections are closed all the same.
   */
  closeWithin(milliseconds: number): Promise<void>;
}

/** How long a caller may take to finish sending its request, in milliseconds. */
const sendingMilliseconds = 1000;

/** Must be called before the server listens. */
export function trackConnections(server: Server): OpenConnections {
  const sockets = new Set<Socket>();
  const underWay = new Map<Socket, IncomingMessage>();
  let isRetiring = false;
  let isClosing = false;

  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    if (isRetiring) response.shouldKeepAlive = false;
    underWay.set(socket, request);
    response.once('close', () => {
      if (underWay.get(socket) === request) underWay.delete(socket);
      // Otherwise the connection would keep the server open until its keep-alive ends.
      if (isClosing) {
        setImmediate(() => {
          server.closeIdleConnections();
        });
      }
    });
  });

  /**
   * An attacker may hold many connections open by never finishing a request. Nothing was done for such a request yet.
   */
  function closeUnfinished(): void {
    for (const socket of sockets) {
      if (underWay.get(socket)?.complete !== true) socket.destroy();
    }
  }

  function closeWaiting(): void {
    isClosing = true;
    server.closeIdleConnections();
    const sweep = setInterval(closeUnfinished, sendingMilliseconds);
    server.once('close', () => {
      clearInterval(sweep);
    });
  }

  return {
    retire() {
      isRetiring = true;
    },
    closeWithin: (milliseconds) =>
      new Promise((resolve) => {
        closeWaiting();
        const force = setTimeout(() => {
          server.closeAllConnections();
        }, milliseconds);
        server.close(() => {
          clearTimeout(force);
          resolve();
        });
      }),
  };
}
