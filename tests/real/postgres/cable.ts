/** The network between a server and PostgreSQL, which can be cut, or go silent. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface Cable {
  /** The port of 127.0.0.1 that a server connects to. */
  port: number;
  /** Breaks every connection at once. What was sent may have arrived. Later connections are made as before. */
  cut(): void;
  /**
   * Cuts at the next commit: PostgreSQL makes it, and its reply is lost. Later connections end at once, until `mend`.
   * @returns when it is cut.
   */
  cutAtCommit(): Promise<void>;
  /**
   * Holds back the next commit, which PostgreSQL never gets. Later connections end at once, until `mend`.
   * @returns when it is held back.
   */
  holdCommit(): Promise<void>;
  /**
   * Holds back each reply to a commit until `check` has resolved, and stops this when it resolves with true.
   * @returns when it has.
   */
  watchCommits(check: () => Promise<boolean>): Promise<void>;
  /**
   * Goes silent, as `silence` does with all connections, when this text is on its way to PostgreSQL. The text arrives.
   * @returns when it is silent.
   */
  silenceAt(text: string): Promise<void>;
  /** Nothing arrives any more, and nobody is told, until `mend`. @param connections `now`: those that exist. */
  silence(connections: 'now' | 'all'): void;
  mend(): void;
  close(): Promise<void>;
}

/** As a statement of PostgreSQL's simple query protocol. */
export const commit = 'commit\0';

const nothing = () => Promise.resolve();

/** Ends without a reset: Jest does not recognize the errors of Node's own sockets as errors. */
function hangUp(socket: Socket): void {
  socket.on('error', () => undefined);
  socket.unpipe();
  socket.resume();
  socket.end();
}

/** @param port of PostgreSQL. */
export async function layCable(port: number): Promise<Cable> {
  const sockets = new Set<Socket>();
  /** Those through which nothing passes, each with its other end. */
  const silent = new Map<Socket, Socket>();
  const others = new WeakMap<Socket, Socket>();
  let state: 'sound' | 'silent' | 'down' = 'sound';
  let onCommit: (() => void) | null = null;
  let onHeldCommit: (() => void) | null = null;
  let silentAt: { text: string; done: () => void } | null = null;
  let checkCommit: (() => Promise<void>) | null = null;

  const join = (one: Socket, other: Socket) => {
    sockets.add(one);
    one.setNoDelay(true);
    // The reason stands in the log of the server, or is PostgreSQL's end.
    one.on('error', () => undefined);
    one.once('close', () => {
      sockets.delete(one);
      silent.delete(one);
      other.destroy();
    });
    others.set(one, other);
    if (state === 'silent') silent.set(one, other);
    else one.pipe(other);
  };
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  const silence = () => {
    for (const socket of sockets) {
      const other = others.get(socket);
      if (other === undefined) continue;
      socket.unpipe(other);
      socket.pause();
      silent.set(socket, other);
    }
  };
  const server = createServer((near) => {
    if (state === 'down') {
      hangUp(near);
      return;
    }
    const far = connect(port, '127.0.0.1');
    near.on('data', (part: Buffer) => {
      if (silentAt !== null && part.includes(silentAt.text)) {
        state = 'silent';
        silence();
        silentAt.done();
        silentAt = null;
      }
      if (!part.includes(commit)) return;
      if (onHeldCommit !== null) {
        state = 'down';
        // What is piped now waits in the socket.
        far.cork();
        onHeldCommit();
        onHeldCommit = null;
      }
      if (checkCommit !== null) {
        far.unpipe(near);
        far.once('data', (reply: Buffer) => {
          far.pause();
          void (checkCommit ?? nothing)().then(() => {
            near.write(reply);
            far.pipe(near);
          });
        });
        far.resume();
      }
      if (onCommit === null) return;
      const done = onCommit;
      onCommit = null;
      far.unpipe(near);
      far.once('data', () => {
        state = 'down';
        for (const socket of sockets) hangUp(socket);
        done();
      });
      far.resume();
    });
    join(near, far);
    join(far, near);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    cutAtCommit: () =>
      new Promise((resolve) => {
        onCommit = resolve;
      }),
    holdCommit: () =>
      new Promise((resolve) => {
        onHeldCommit = resolve;
      }),
    watchCommits: (check) =>
      new Promise((resolve) => {
        checkCommit = async () => {
          if (!(await check())) return;
          checkCommit = null;
          resolve();
        };
      }),
    silence(connections) {
      if (connections === 'all') state = 'silent';
      silence();
    },
    silenceAt: (text) =>
      new Promise((done) => {
        silentAt = { text, done };
      }),
    mend() {
      state = 'sound';
      for (const [socket, other] of silent) socket.pipe(other);
      silent.clear();
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      cut();
      await closed;
    },
  };
}
