/** A proxy that loses requests and replies. */
import type { ServerResponse } from 'node:http';
import { startLocalServer, replyJson, type LocalServer, type ReceivedRequest } from './local-server';

export interface LossyDoor extends LocalServer {
  /** The failures of the next dials, in order. Later dials are forwarded. */
  mishaps: ('reply lost' | 'request lost')[];
  /** Holds dials until this many have arrived. */
  dialsAtOnce: number;
  /** Whether requests for the list of calls fail. */
  isListBroken: boolean;
  /** Whether the list fails from the next failed dial on. */
  mishapBreaksList: boolean;
  /** The dials that reached the server. */
  dialled(): number;
}

export async function startLossyDoor(target: string): Promise<LossyDoor> {
  let dialled = 0;
  const held: (() => void)[] = [];

  function goOn(request: ReceivedRequest, response: ServerResponse, isReplyLost = false): void {
    void passOn(target, request).then(({ status, headers, body }) => {
      if (isReplyLost) response.socket?.destroy();
      else response.writeHead(status, headers).end(body);
    });
  }

  const server = await startLocalServer((request, response) => {
    const isDial = request.method === 'POST' && request.url.startsWith('/api/v1/public/agent/');
    const mishap = isDial ? door.mishaps.shift() : undefined;
    door.isListBroken ||= mishap !== undefined && door.mishapBreaksList;
    if (mishap === 'request lost') {
      response.socket?.destroy();
    } else if (door.isListBroken && request.url.startsWith('/api/v1/organizations/usage/runs')) {
      replyJson(response, 500, { detail: 'The list is broken' });
    } else if (isDial) {
      dialled += 1;
      held.push(() => {
        goOn(request, response, mishap === 'reply lost');
      });
      if (held.length < door.dialsAtOnce) return;
      for (const send of held.splice(0)) send();
    } else {
      goOn(request, response);
    }
  });
  const door: LossyDoor = {
    ...server,
    mishaps: [],
    dialsAtOnce: 1,
    isListBroken: false,
    mishapBreaksList: false,
    dialled: () => dialled,
  };
  return door;
}

const passedOn = ['content-type', 'x-api-key', 'idempotency-key', 'idempotency-key-lifetime'];

async function passOn(target: string, { method, url, headers, body }: ReceivedRequest) {
  const sent = passedOn.flatMap((name) =>
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
