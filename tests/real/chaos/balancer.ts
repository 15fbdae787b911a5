/** The load balancer in front of the servers. Requests take turns; it keeps no session and repeats no request. */
import { once } from 'node:events';
import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';

/** Longer than a server that works takes, and shorter than a pause: then the caller is cut off, and comes again. */
const longestReplyMilliseconds = 8000;
/** How long a server that failed gets no request. */
const restMilliseconds = 3000;

/** One server behind it. */
interface Target {
  port: number;
  agent: Agent;
  restsUntil: number;
  /** The idempotency keys of the requests that it has not answered yet. */
  underWay: Set<string>;
}

export interface Balancer {
  url: string;
  /** The idempotency keys of the requests that this server has not answered yet. */
  underWayAt(server: number): ReadonlySet<string>;
  /** From now on, or no longer, every second reply is lost: the server made it, and the caller's connection ends. */
  loseReplies(areLost: boolean): void;
  /** How many replies were lost so far. */
  lostReplies(): number;
  close(): Promise<void>;
}

/**
 * @param port its own port. @param servers the ports of the servers.
 * @param options `restsAfter503`: whether a server that answers 503 gets no request for a while, as with nginx's
 *   `proxy_next_upstream http_503`.
 */
export async function startBalancer(
  port: number,
  servers: readonly number[],
  { restsAfter503 = false } = {},
): Promise<Balancer> {
  const targets = servers.map((server): Target => ({
    port: server,
    agent: new Agent({ keepAlive: true }),
    restsUntil: 0,
    underWay: new Set(),
  }));
  let turns = 0;
  let areRepliesLost = false;
  let isNextLost = true;
  let lost = 0;

  /** Whether this reply is to be lost. */
  function isLost(): boolean {
    if (!areRepliesLost) return false;
    isNextLost = !isNextLost;
    return !isNextLost;
  }

  /** The next server, or the one after it if that one rests. */
  function nextTarget(): Target[] {
    turns += 1;
    const inTurn = targets.map((_, index) => targets[(turns + index) % targets.length] ?? never());
    const now = performance.now();
    return [...inTurn].sort((a, b) => Number(a.restsUntil > now) - Number(b.restsUntil > now));
  }

  function forward(
    incoming: IncomingMessage,
    body: Buffer,
    reply: ServerResponse,
    [target, ...others]: Target[],
  ): void {
    if (target === undefined) {
      reply.destroy();
      return;
    }
    const key = String(incoming.headers['idempotency-key'] ?? '');
    if (key !== '') target.underWay.add(key);
    const { method, url, headers } = incoming;
    const outgoing = request({
      host: '127.0.0.1',
      port: target.port,
      agent: target.agent,
      method,
      path: url,
      headers,
      timeout: longestReplyMilliseconds,
    });
    const done = () => target.underWay.delete(key);
    outgoing.once('response', (answer) => {
      if (restsAfter503 && answer.statusCode === 503)
        target.restsUntil = performance.now() + restMilliseconds;
      if (isLost()) {
        lost += 1;
        reply.destroy();
        answer.resume();
        answer.once('close', done);
        return;
      }
      reply.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(reply);
      answer.once('close', () => {
        done();
        if (!answer.complete) reply.destroy();
      });
    });
    outgoing.once('timeout', () => outgoing.destroy(new Error('No reply in time')));
    outgoing.once('error', (error) => {
      done();
      target.restsUntil = performance.now() + restMilliseconds;
      // Only a request that nobody has read goes to another server.
      const isUnread = 'code' in error && error.code === 'ECONNREFUSED';
      if (isUnread) forward(incoming, body, reply, others);
      else reply.destroy();
    });
    outgoing.end(body);
  }

  const server = createServer((incoming, reply) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      forward(incoming, Buffer.concat(chunks), reply, nextTarget());
    });
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${String(port)}`,
    underWayAt: (index) => targets[index]?.underWay ?? never(),
    loseReplies(areLost) {
      areRepliesLost = areLost;
    },
    lostReplies: () => lost,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      for (const { agent } of targets) agent.destroy();
      await closed;
    },
  };
}

function never(): never {
  throw new Error('There is no such server');
}
