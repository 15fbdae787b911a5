/**
 * The real server in a separate process, behind a proxy that can lose requests and replies. Calls are counted at
 * the server.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { summarizeRun, TriggerClient, type AgentDefinition, type Run } from '@dograh-trigger/shared';
import { axiosTransport, sleep } from '@dograh-trigger/shared/axios';
import { definitionWith } from '../../support/agents';
import { replyJson, startLocalServer, type ReceivedRequest } from '../../support/local-server';
import { startServerProcess } from '../../support/server-process';

const apiKey = `dgr_${'n8n-'.repeat(10)}key`;

/** The failure of a dial: its request or its reply is lost. */
export type Mishap = { status: number; detail: unknown } | 'reply lost';

/** The two kinds of server in these tests, with their environment variables. */
export const serverModes: readonly (readonly [string, Record<string, string>])[] = [
  ['with our extensions', {}],
  ['as plain Dograh', { EXTENSIONS: '' }],
];

export interface Dograh {
  /** The data of n8n's credential. */
  credential: { baseUrl: string; apiKey: string };
  agent: { id: number; uuid: string; triggerUuid: string };
  /** Requests to the proxy. */
  requests: ReceivedRequest[];
  /** The failures of the next dials, by number. */
  mishaps: Map<string, Mishap[]>;
  /** The storage host that downloads are redirected to, as on hosted Dograh; undefined without redirects. */
  storage: { url: string | null };
  /** If set, the proxy answers every request with this status. */
  outage: { status: number | null };
  client: TriggerClient;
  /** How often each number was called, counted at the server. */
  dials(): Promise<Record<string, number>>;
  /** Calls `/api/v1<path>` of the server itself. @throws Error with status and reply. */
  api(method: string, path: string, body?: object): Promise<unknown>;
  stop(): Promise<void>;
}

/** @param environment more variables for the server; `EXTENSIONS: ''` makes it plain Dograh. */
export async function startDograh(environment: Record<string, string> = {}): Promise<Dograh> {
  const folder = mkdtempSync(join(tmpdir(), 'n8n-suite-dograh-'));
  const server = await startServerProcess({
    DATABASE_URL: `file:${join(folder, 'trigger.db')}`,
    BOOTSTRAP_API_KEY: apiKey,
    DEFAULT_ORG_CONCURRENCY_LIMIT: '1000',
    SANDBOX_STEP_MS: '20',
    ALLOWED_PRIVATE_TARGETS: '127.0.0.1',
    ...environment,
  });
  const mishaps = new Map<string, Mishap[]>();
  const storage: Dograh['storage'] = { url: null };
  const outage: Dograh['outage'] = { status: null };
  const door = await startLocalServer((request, response) => {
    if (outage.status !== null) replyJson(response, outage.status, { detail: 'Out of order' });
    else if (storage.url !== null && request.url.startsWith('/api/v1/public/download/'))
      response.writeHead(302, { location: storage.url }).end();
    else void passOn(server.baseUrl, request, response, mishapOf(request, mishaps));
  });
  const client = new TriggerClient(axiosTransport({ apiKey }), { baseUrl: server.baseUrl, sleep });

  async function api(method: string, path: string, body?: object): Promise<unknown> {
    const reply = await fetch(`${server.baseUrl}/api/v1${path}`, {
      method,
      headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await reply.text();
    if (!reply.ok) throw new Error(`${method} ${path} answered ${String(reply.status)}: ${text}`);
    return JSON.parse(text);
  }

  const { id } = (await api('POST', '/workflow/create/definition', {
    name: 'Appointment reminder',
    workflow_definition: greeter,
  })) as { id: number };
  await api('PUT', `/workflow/${String(id)}`, { workflow_configurations: { recording_enabled: true } });
  await api('POST', `/workflow/${String(id)}/publish`, {});
  const agent = await client.getAgent(id);

  return {
    credential: { baseUrl: door.url, apiKey },
    agent: { id, uuid: agent.uuid ?? '', triggerUuid: agent.productionTriggerUuid ?? '' },
    requests: door.requests,
    mishaps,
    storage,
    outage,
    client,
    api,
    async dials() {
      const numbers: Record<string, number> = {};
      for (const run of await runsOf(id, api)) {
        const number = summarizeRun(run).phoneNumber ?? '';
        numbers[number] = (numbers[number] ?? 0) + 1;
      }
      return numbers;
    },
    async stop() {
      await door.close();
      await server.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

const greeter: AgentDefinition = definitionWith({
  greeting: 'Hello {{first_name | there}}, your appointment is on {{day}}.',
});

async function runsOf(agentId: number, api: Dograh['api']): Promise<Run[]> {
  const runs: Run[] = [];
  for (let page = 1; ; page += 1) {
    const read = (await api('GET', `/workflow/${String(agentId)}/runs?limit=100&page=${String(page)}`)) as {
      runs: Run[];
      total_pages: number;
    };
    runs.push(...read.runs);
    if (page >= read.total_pages) return runs;
  }
}

function mishapOf(request: ReceivedRequest, mishaps: Map<string, Mishap[]>): Mishap | undefined {
  if (request.method !== 'POST' || !request.url.startsWith('/api/v1/public/agent/')) return undefined;
  const { phone_number: number = '' } = JSON.parse(request.body.toString()) as { phone_number?: string };
  return mishaps.get(number)?.shift();
}

async function passOn(
  baseUrl: string,
  request: ReceivedRequest,
  response: ServerResponse,
  mishap: Mishap | undefined,
): Promise<void> {
  if (typeof mishap === 'object') {
    replyJson(response, mishap.status, { detail: mishap.detail });
    return;
  }
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (!hopByHop.has(name) && value !== undefined) headers.set(name, String(value));
  }
  const reply = await fetch(`${baseUrl}${request.url}`, {
    method: request.method,
    headers,
    redirect: 'manual',
    ...(request.body.length === 0 ? {} : { body: request.body }),
  });
  const body = Buffer.from(await reply.arrayBuffer());
  if (mishap === 'reply lost') {
    response.socket?.destroy();
    return;
  }
  const shown = Object.fromEntries([...reply.headers].filter(([name]) => !hopByHop.has(name)));
  response.writeHead(reply.status, shown).end(body);
}

/** Headers of one connection only, and the encoding, which `fetch` has already decoded. */
const hopByHop = new Set([
  'connection',
  'content-length',
  'content-encoding',
  'host',
  'keep-alive',
  'transfer-encoding',
]);
