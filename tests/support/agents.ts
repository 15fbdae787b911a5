/** Creates agents and telephony for tests through the API. */
import type { AgentDefinition, JsonObject, UpdateAgentRequest } from '@dograh-trigger/shared';
import type { Account, TestServer } from './test-server';

export function definitionWith(
  options: { triggerPath?: string; greeting?: string; enabled?: boolean; startData?: JsonObject } = {},
): AgentDefinition {
  const { triggerPath, greeting = 'Hello {{user.name | there}}', enabled = true, startData = {} } = options;
  return {
    nodes: [
      {
        id: 'start',
        type: 'startCall',
        position: { x: 0, y: 0 },
        data: { name: 'Start', prompt: 'Be brief.', greeting, ...startData },
      },
      {
        id: 'trigger',
        type: 'trigger',
        position: { x: 0, y: 0 },
        data: {
          name: 'API Trigger',
          enabled,
          ...(triggerPath === undefined ? {} : { trigger_path: triggerPath }),
        },
      },
    ],
    edges: [],
  };
}

export interface TestAgent {
  id: number;
  uuid: string;
  triggerPath: string;
}

type Caller = Pick<TestServer, 'request'>;
type Key = Pick<Account, 'apiKey'>;

/** A published agent with a trigger. @param configurations its `workflow_configurations`. */
export async function createAgent(
  server: Caller,
  account: Key,
  definition = definitionWith(),
  configurations?: UpdateAgentRequest['workflow_configurations'],
): Promise<TestAgent> {
  const created = await server.request
    .post('/api/v1/workflow/create/definition')
    .set('X-API-Key', account.apiKey)
    .send({ name: 'Agent', workflow_definition: definition })
    .expect(200);
  const id = (created.body as { id: number }).id;
  const fetched = await server.request
    .get(`/api/v1/workflow/fetch/${String(id)}`)
    .set('X-API-Key', account.apiKey)
    .expect(200);
  const agent = fetched.body as { workflow_uuid: string; workflow_definition: AgentDefinition };
  const trigger = agent.workflow_definition.nodes.find((node) => node.type === 'trigger');
  const made = { id, uuid: agent.workflow_uuid, triggerPath: triggerPathOf(trigger) };
  if (configurations !== undefined) {
    await saveDraft(server, account, made, { workflow_configurations: configurations });
    await publish(server, account, made);
  }
  return made;
}

/** Empty for an agent without a trigger. */
function triggerPathOf(trigger: AgentDefinition['nodes'][number] | undefined): string {
  const path = trigger?.data.trigger_path;
  return typeof path === 'string' ? path : '';
}

/** Saves a draft of the agent. */
export async function saveDraft(
  server: Caller,
  account: Key,
  agent: TestAgent,
  draft: UpdateAgentRequest,
): Promise<void> {
  await server.request
    .put(`/api/v1/workflow/${String(agent.id)}`)
    .set('X-API-Key', account.apiKey)
    .send(draft)
    .expect(200);
}

export async function publish(server: Caller, account: Key, agent: TestAgent): Promise<void> {
  await server.request
    .post(`/api/v1/workflow/${String(agent.id)}/publish`)
    .set('X-API-Key', account.apiKey)
    .send({})
    .expect(200);
}

/** The sandbox as default telephony; returns its id. */
export async function createSandbox(server: Caller, account: Key): Promise<number> {
  const created = await server.request
    .post('/api/v1/organizations/telephony-configs')
    .set('X-API-Key', account.apiKey)
    .send({ name: 'Sandbox', is_default_outbound: true, config: { provider: 'sandbox' } })
    .expect(200);
  return (created.body as { id: number }).id;
}

/** An organization that can call: account, agent and sandbox. */
export async function readyToCall(server: TestServer, definition?: AgentDefinition) {
  const account = await server.signUp();
  const configurationId = await createSandbox(server, account);
  const agent = await createAgent(server, account, definition);
  return { account, agent, configurationId };
}
