/** A proxy that loses requests and replies. */
import type { ServerResponse } from 'node:http';
import { startLocalServer, replyJson, type LocalServer, type ReceivedRequest } from './local-server';

export interface DroppingProxy extends LocalServer {
  /** What is lost of the next dials, in order. Later dials are forwarded. */
  losses: ('reply lost' | 'request lost')[];
  /** Holds dials until this many have arrived. */
  dialsAtOnce: number;
  /** Whether requests for the list of calls fail. */
  isListBroken: boolean;
  /** Whether the list fails from the next lost dial on. */
  lossBreaksList: boolean;
  /** The dials that reached the server. */
  dialled(): number;
}

export async function startDroppingProxy(target: string): Promise<DroppingProxy> {
  let dialled = 0;
  const held: (() => void)[] = [];

  function answer(request: ReceivedRequest, response: ServerResponse, isReplyLost = false): void {
    void forward(target, request).then(({ status, headers, body }) => {
      if (isReplyLost) response.socket?.destroy();
      else response.writeHead(status, headers).end(body);
    });
  }

  const server = await startLocalServer((request, response) => {
    const isDial = request.method === 'POST' && request.url.startsWith('/api/v1/public/agent/');
    const loss = isDial ? proxy.losses.shift() : undefined;
    proxy.isListBroken ||= loss !== undefined && proxy.lossBreaksList;
    if (loss === 'request lost') {
      response.socket?.destroy();
    } else if (proxy.isListBroken && request.url.startsWith('/api/v1/organizations/usage/runs')) {
      replyJson(response, 500, { detail: 'The list is broken' });
    } else if (isDial) {
      dialled += 1;
      held.push(() => {
        answer(request, response, loss === 'reply lost');
      });
      if (held.length < proxy.dialsAtOnce) return;
      for (const send of held.splice(0)) send();
    } else {
      answer(request, response);
    }
  });
  const proxy: DroppingProxy = {
    ...server,
    losses: [],
    dialsAtOnce: 1,
    isListBroken: false,
    lossBreaksList: false,
    dialled: () => dialled,
  };
  return proxy;
}

const forwardedHeaders = ['content-type', 'x-api-key', 'idempotency-key', 'idempotency-key-lifetime'];

async function forward(target: string, { method, url, headers, body }: ReceivedRequest) {
  const sent = forwardedHeaders.flatMap((name) =>
    headers[name] === undefined ? [] : [[name, String(headers[name])]],
  );
  const reply = await fetch(`${target}${url}`, {
    method,
    headers: Object.fromEntries(sent) as Record<string, string>,
    ...(body.length > 0 && { body: new Uint8Array(body) }),
  });
  const kept = [...reply.headers].filter(([name]) => !['transfer-encoding', 'connection'].includes(name));
  return {
    status: reply.status,
    headers: Object.fromEntries(kept),
    body: Buffer.from(await reply.arrayBuffer()),
  };
}
