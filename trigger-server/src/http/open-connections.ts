/** The server's connections, so that a server that stops waits for calls under way and for nobody else. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export interface OpenConnections {
  /** Closes what has no request under way, at once when it falls idle, until every connection is closed. */
  closeWaiting(): void;
}

/** How long a caller who is in the middle of sending may go on, in milliseconds. */
const sendingMilliseconds = 1000;

/** Call it before the server listens. */
export function trackConnections(server: Server): OpenConnections {
  const sockets = new Set<Socket>();
  const underWay = new Map<Socket, IncomingMessage>();
  let isClosing = false;

  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    underWay.set(socket, request);
    response.once('close', () => {
      if (underWay.get(socket) === request) underWay.delete(socket);
      // Else it would hold the server open until its keep-alive runs out.
      if (isClosing) {
        setImmediate(() => {
          server.closeIdleConnections();
        });
      }
    });
  });

  /** Callers who never finish sending are many where somebody means harm; nothing of theirs was begun. */
  function closeUnfinished(): void {
    for (const socket of sockets) {
      if (underWay.get(socket)?.complete !== true) socket.destroy();
    }
  }

  return {
    closeWaiting() {
      isClosing = true;
      server.closeIdleConnections();
      const sweep = setInterval(closeUnfinished, sendingMilliseconds);
      server.once('close', () => {
        clearInterval(sweep);
      });
    },
  };
}
