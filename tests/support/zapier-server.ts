/** The real server in a separate process, with an agent for steps of the Zapier app. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TriggerClient } from '@dograh-trigger/shared';
import { axiosTransport, sleep } from '@dograh-trigger/shared/axios';
import { definitionWith } from './agents';
import { startServerProcess } from './server-process';
import { makeBundle } from './zapier';

const apiKey = `dgr_${'zap-'.repeat(10)}key`;

export interface LiveBundleOptions {
  zapId?: string;
  key?: string;
  baseUrl?: string;
}

export type ZapierServer = Awaited<ReturnType<typeof startZapierServer>>;

let numbers = 2000;

/** A number that no other test of this process uses. */
export function nextNumber(): string {
  numbers += 1;
  return `+1415555${String(numbers)}`;
}

export async function startZapierServer(environment: Record<string, string> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'zapier-server-'));
  const databaseFile = join(folder, 'trigger.db');
  const server = await startServerProcess({
    DATABASE_URL: `file:${databaseFile}`,
    BOOTSTRAP_API_KEY: apiKey,
    SANDBOX_STEP_MS: '20',
    ALLOWED_PRIVATE_TARGETS: '127.0.0.1',
    ...environment,
  });
  const { baseUrl } = server;
  const client = new TriggerClient(axiosTransport({ apiKey }), { baseUrl, sleep });

  async function api<Reply>(method: string, path: string, body?: object): Promise<Reply> {
    const reply = await fetch(`${baseUrl}/api/v1${path}`, {
      method,
      headers: { 'X-API-Key': apiKey, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (reply.status !== 200) throw new Error(`${method} ${path} answered ${String(reply.status)}`);
    return reply.json() as Promise<Reply>;
  }

  const { id: agentId } = await api<{ id: number }>('POST', '/workflow/create/definition', {
    name: 'Appointment Reminder',
    workflow_definition: definitionWith({ greeting: 'Hello {{first_name | there}}.' }),
  });
  await api('PUT', `/workflow/${String(agentId)}`, { workflow_configurations: { recording_enabled: true } });
  await api('POST', `/workflow/${String(agentId)}/publish`, {});
  const { uuid: agentUuid, productionTriggerUuid } = await client.getAgent(agentId);
  const agent = `workflow/${agentUuid ?? ''}`;

  return {
    baseUrl,
    apiKey,
    client,
    agent,
    agentUuid: agentUuid ?? '',
    triggerUuid: productionTriggerUuid ?? '',
    databaseFile,
    api,
    /** Of a live run of a step. */
    bundleFor(inputData: object = {}, fields: LiveBundleOptions = {}) {
      const { zapId = '77', key = apiKey, baseUrl: address = baseUrl } = fields;
      return {
        ...makeBundle(address, { ...inputData }, { zapId }),
        authData: { base_url: address, api_key: key },
      };
    },
    callInput(phoneNumber: string, changes: object = {}) {
      return { agent, environment: 'production', phone_number: phoneNumber, ...changes };
    },
    /** How often a number was dialled, counted at the server. */
    async dials(calledNumber: string): Promise<number> {
      return (await client.listCalls({ calledNumber })).total_count;
    },
    /** @returns the exit code. */
    async stop() {
      const code = await server.stop();
      rmSync(folder, { recursive: true });
      return code;
    },
  };
}
