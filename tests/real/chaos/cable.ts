/** The network between a server and PostgreSQL, which can be cut. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface Cable {
  /** The port of 127.0.0.1 that a server connects to. */
  port: number;
  /** Breaks every connection at once. What was sent may have arrived. Later connections are made as before. */
  cut(): void;
  close(): Promise<void>;
}

/** @param port of PostgreSQL. */
export async function layCable(port: number): Promise<Cable> {
  const sockets = new Set<Socket>();
  const join = (one: Socket, other: Socket) => {
    sockets.add(one);
    one.setNoDelay(true);
    one.pipe(other);
    // The reason stands in the log of the server, or is PostgreSQL's end.
    one.on('error', () => undefined);
    one.once('close', () => {
      sockets.delete(one);
      other.destroy();
    });
  };
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    join(near, far);
    join(far, near);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    async close() {
      const closed = once(server, 'close');
      server.close();
      cut();
      await closed;
    },
  };
}
