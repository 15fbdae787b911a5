/** A fake Dograh server with the routes that hosts use. The test sets its answers, and it records the dials. */
import type { ServerResponse } from 'node:http';
import { replyJson, startLocalServer, type LocalServer, type ReceivedRequest } from './local-server';

export const standInAgentUuid = '0b7e9d1c-3c55-4a0b-8f6d-91d2a4c6e8f0';
export const standInTriggerUuid = '6f1c3a52-8a52-4f4e-9d0e-2b8c7d1e5f90';

export interface StandInOptions {
  /** The extensions in `/health`. Plain Dograh lists none, and so does this server by default. */
  extensions?: string[];
  /** Answers the n-th trigger, counted from 1 (default: a placed call). */
  trigger?: (response: ServerResponse, count: number) => void;
  /** Answers the organization's list of calls (default: empty). `null`: the route is missing. */
  list?: ((response: ServerResponse, dials: ReceivedRequest[]) => void) | null;
  /**
   * The replies of other routes, by `METHOD path`; a missing one is a 404. A function returns the current reply, a
   * string is a file.
   */
  replies?: Record<string, object | string | (() => object)>;
}

export interface StandIn extends LocalServer {
  /** The requests that dial, in order of arrival. */
  dials(): ReceivedRequest[];
}

export async function startStandIn(options: StandInOptions = {}): Promise<StandIn> {
  const { extensions, trigger = replyPlaced, list, replies = {} } = options;
  const answers = new Map<string, object | string | (() => object)>([
    ['GET /api/v1/health', { status: 'ok', version: '1.45.0', extensions }],
    ...Object.entries(replies),
  ]);
  let count = 0;
  const server = await startLocalServer((request, response) => {
    if (isDial(request)) {
      count += 1;
      trigger(response, count);
      return;
    }
    const isList = request.url.startsWith('/api/v1/organizations/usage/runs?');
    if (list && isList) {
      list(response, server.requests.filter(isDial));
      return;
    }
    const listed = answers.get(`${request.method} ${request.url}`);
    const answer = typeof listed === 'function' ? (listed as () => object)() : listed;
    if (answer === undefined && isList && list !== null) replyList(response, []);
    else if (answer === undefined) replyJson(response, 404, { detail: 'Workflow run not found' });
    else if (typeof answer === 'string') response.writeHead(200).end(answer);
    else replyJson(response, 200, answer);
  });
  return { ...server, dials: () => server.requests.filter(isDial) };
}

/** The reply for a placed call: run 501 for the first trigger, 502 for the second and so on. */
export function replyPlaced(
  response: ServerResponse,
  count: number,
  headers: Record<string, string> = {},
): void {
  const runId = 500 + count;
  const reply = { status: 'initiated', workflow_run_id: runId, workflow_run_name: `WR-API-${String(runId)}` };
  replyJson(response, 200, reply, headers);
}

/** A reply of the list of calls with only the fields that a search for an earlier call reads. */
export function replyList(response: ServerResponse, rows: object[]): void {
  replyJson(response, 200, { runs: rows, total_pages: 1 });
}

/** Answers the list of calls, but only before the first dial. */
export function breakListOnceDialled(response: ServerResponse, dials: ReceivedRequest[]): void {
  if (dials.length === 0) replyList(response, []);
  else replyJson(response, 404, { detail: 'Not Found' });
}

/** A complete reply of the list of calls. */
export function replyCalls(response: ServerResponse, rows: object[]): void {
  const totals = { total_dograh_tokens: 0, total_duration_seconds: 0, total_count: rows.length };
  replyJson(response, 200, { runs: rows, ...totals, page: 1, limit: 100, total_pages: 1 });
}

/** The row of a triggered call, with the run ids of {@link replyPlaced}. */
export function listedCall({ body }: ReceivedRequest, index: number): object {
  const { initial_context } = JSON.parse(body.toString('utf8')) as { initial_context: object };
  return {
    id: 501 + index,
    workflow_id: 12,
    workflow_name: 'Reminder',
    name: `WR-API-${String(501 + index)}`,
    created_at: '2026-08-22T03:04:05.123Z',
    dograh_token_usage: 0,
    call_duration_seconds: 0,
    initial_context,
  };
}

/** Reads the request and breaks the connection, like a restarting proxy. */
export function breakConnection(response: ServerResponse): void {
  response.socket?.destroy();
}

function isDial(request: ReceivedRequest): boolean {
  return request.method === 'POST' && request.url.startsWith('/api/v1/public/agent/');
}
