/** A real server process with a probe inside, and one object for every id in the paths of the API. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { replyText } from '../reply-text';
import { startServerProcess } from '../server-process';
import type { Operation } from '../operations';

/** Measurements of the server's process since the last query. */
export interface Measured {
  /** The longest block of its event loop. */
  longestStopMilliseconds: number;
  /** The maximum CPU time of its main thread in one turn of the loop. */
  longestTurnMilliseconds: number;
  cpuMilliseconds: number;
  residentBytes: number;
}

export interface HostileRequest {
  /** Path parameters that replace those of the existing objects. */
  parameters?: Record<string, string>;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  /** The exact body. */
  body?: string;
}

export interface MeasuredServer {
  baseUrl: string;
  apiKey: string;
  send(operation: Operation, request: HostileRequest): Promise<{ status: number; text: string }>;
  measure(): Promise<Measured>;
  stop(): Promise<void>;
}

const apiKey = `dgr_${'e'.repeat(43)}`;

/** @param environment additional variables; by default the server has no call limits. */
export async function startMeasuredServer(environment: Record<string, string> = {}): Promise<MeasuredServer> {
  const folder = mkdtempSync(join(tmpdir(), 'hostile-'));
  const server = await startServerProcess(
    {
      DATABASE_URL: `file:${join(folder, 'trigger.db')}`,
      BOOTSTRAP_API_KEY: apiKey,
      SIGNUP_ENABLED: 'true',
      DEFAULT_ORG_CONCURRENCY_LIMIT: '100000',
      SANDBOX_STEP_MS: '1',
      ...environment,
    },
    { preload: join(__dirname, 'loop-probe.cjs') },
  );
  const ask = async (
    path: string,
    init: { method: string; body?: string; headers?: Record<string, string> },
  ) => {
    const reply = await fetch(`${server.baseUrl}${path}`, {
      ...init,
      headers: { 'X-API-Key': apiKey, 'Content-Type': 'application/json', ...init.headers },
    });
    return { status: reply.status, text: await replyText(reply) };
  };
  const parameters = await addOneOfEach(ask, server.output);
  return {
    baseUrl: server.baseUrl,
    apiKey,
    send(operation, request) {
      const filled = { ...parameters, ...request.parameters };
      const path = operation.path.replace(/\{(\w+)\}/g, (_all, name: string) =>
        encodeURIComponent((filled[name] ?? '1').toWellFormed()),
      );
      const query = new URLSearchParams(request.query).toString();
      return ask(query === '' ? path : `${path}?${query}`, {
        method: operation.method,
        ...(request.body === undefined ? {} : { body: request.body }),
        ...(request.headers === undefined ? {} : { headers: request.headers }),
      });
    },
    async measure() {
      const reply = once(server.child, 'message');
      server.child.send('measure');
      const [measured] = (await reply) as [Measured];
      return measured;
    },
    async stop() {
      await server.stop('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

type Ask = (
  path: string,
  init: { method: string; body?: string },
) => Promise<{ status: number; text: string }>;

/** @returns the path parameters of the created objects. */
async function addOneOfEach(ask: Ask, output: string): Promise<Record<string, string>> {
  const post = async (path: string, body: object) => {
    const { status, text } = await ask(`/api/v1${path}`, { method: 'POST', body: JSON.stringify(body) });
    if (status !== 200) throw new Error(`${path}: ${text}`);
    return JSON.parse(text) as { id: number; uuid: string };
  };
  const agent = await ask('/api/v1/workflow/fetch/1', { method: 'GET' });
  const triggerPath = /agent\/([0-9a-f-]{36})/.exec(output)?.[1] ?? '';
  const number = await post('/organizations/telephony-configs/1/phone-numbers', { address: '+14155550199' });
  const credential = await post('/credentials/', {
    name: 'One',
    credential_type: 'none',
    credential_data: {},
  });
  const hook = await post('/hooks', { target_url: 'https://example.com/hook', event: 'call.completed' });
  await ask(`/api/v1/public/agent/${triggerPath}`, {
    method: 'POST',
    body: JSON.stringify({ phone_number: '+14155550100' }),
  });
  return {
    uuid: triggerPath,
    workflow_uuid: (JSON.parse(agent.text) as { workflow_uuid: string }).workflow_uuid,
    workflow_id: '1',
    run_id: '1',
    config_id: '1',
    phone_number_id: String(number.id),
    credential_uuid: credential.uuid,
    hook_id: String(hook.id),
    api_key_id: '1',
    delivery_id: '1',
    name: 'startCall',
    token: 'none',
    artifact_type: 'transcript',
  };
}
