/**
 * A fake OpenAI-compatible endpoint on a real socket. It plays one answer a request, in the order given. Asked for its
 * models, it replies with the status of the next answer.
 */
import type { ServerResponse } from 'node:http';
import { replyJson, startLocalServer, type ReceivedRequest } from '../local-server';
import type { Play } from './streams';

export interface ModelServer {
  /** What `LLM_BASE_URL` is set to. */
  baseUrl: string;
  /** The bodies of all requests so far. */
  asked: AskedBody[];
  requests: ReceivedRequest[];
  /** Adds answers; the last one is played again and again. */
  play(...plays: Play[]): void;
  /** Sends one more piece of the last answer, whose ending is `stall`. */
  send(piece: string): void;
  /** Waits until this many requests have come, and all that is to be sent of their answers is on its way. */
  answered(requests: number): Promise<void>;
  close(): Promise<void>;
}

export interface AskedBody {
  model: string;
  stream?: boolean;
  messages: { role: string; content: string | null; tool_call_id?: string; tool_calls?: unknown[] }[];
  tools?: { function: { name: string; description: string; parameters: object } }[];
  [name: string]: unknown;
}

export async function startModelServer(...first: Play[]): Promise<ModelServer> {
  const plays = [...first];
  const asked: AskedBody[] = [];
  let answered = 0;
  let last: ServerResponse | undefined;
  let waiting: { requests: number; resolve: () => void }[] = [];
  const server = await startLocalServer((request, response) => {
    if (request.method === 'GET') {
      replyJson(response, plays[0]?.status ?? 200, { data: [] });
      return;
    }
    last = response;
    asked.push(JSON.parse(request.body.toString()) as AskedBody);
    const play = plays.length > 1 ? plays.shift() : plays[0];
    if (play === undefined) throw new Error('The model was asked, and has nothing to play');
    void perform(play, response).then(() => {
      answered += 1;
      for (const { requests, resolve } of waiting) if (requests <= answered) resolve();
      waiting = waiting.filter(({ requests }) => requests > answered);
    });
  });
  return {
    baseUrl: `${server.url}/v1`,
    asked,
    requests: server.requests,
    play: (...more) => void plays.push(...more),
    send: (piece) => void last?.write(piece),
    answered: (requests) =>
      new Promise((resolve) => {
        if (answered >= requests) resolve();
        else waiting.push({ requests, resolve });
      }),
    close: () => server.close(),
  };
}

async function perform(
  {
    status = 200,
    headers = { 'content-type': 'text/event-stream; charset=utf-8' },
    pieces,
    ending = 'end',
  }: Play,
  response: ServerResponse,
): Promise<void> {
  // A stall before the first byte sends no head either.
  if (pieces.length === 0 && ending === 'stall') return;
  response.socket?.setNoDelay(true);
  response.writeHead(status, headers);
  response.flushHeaders();
  for (const piece of pieces) await written(response, piece);
  if (ending === 'end') response.end();
  else if (ending === 'cut') response.destroy();
  else if (ending === 'endless') {
    const piece = pieces.at(-1) ?? '';
    while (!response.destroyed) await written(response, piece);
  }
}

/** Once it has left for the socket, so that the next piece comes in another packet. */
function written(response: ServerResponse, piece: string | Buffer): Promise<void> {
  return new Promise((resolve) => {
    response.write(piece, () => {
      setImmediate(resolve);
    });
  });
}
