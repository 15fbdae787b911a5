/** Both triggers in a real n8n: calls start executions. */
import { signWebhook, type AgentDefinition } from '@dograh-trigger/shared';
import type { INodeTypeDescription } from 'n8n-workflow';
import { until } from '../until';
import { startDograh, type Dograh } from './dograh';
import { startN8n, type N8n } from './n8n';
import {
  createWorkflow,
  endOf,
  setActive,
  startWorkflow,
  executionsOf,
  type Execution,
  type TestNode,
} from './workflows';

const anna = '+14155550101';
const isBusy = '+15005550011';
const secret = 'a secret between the agent and the workflow';

let n8n: N8n;

beforeAll(async () => {
  n8n = await startN8n();
}, 1_800_000);

afterAll(() => n8n.stop());

async function triggerNode(dograh: Dograh, name: string, node: Partial<TestNode>): Promise<TestNode> {
  const data = { ...dograh.credential, webhookSecret: secret };
  return {
    name,
    type: `n8n-nodes-dograh.${name}`,
    credentials: { dograhApi: await n8n.createCredential('dograhApi', data) },
    ...node,
  };
}

function call(dograh: Dograh, phoneNumber: string) {
  return dograh.client.triggerCall({
    target: { agentUuid: dograh.agent.uuid },
    environment: 'production',
    phoneNumber,
  });
}

/** Waits for this number of executions of a workflow, and returns them. */
async function executions(workflowId: string, count: number, seconds = 30): Promise<Execution[]> {
  let ids: string[] = [];
  await until(
    `execution ${String(count)} of workflow ${workflowId}`,
    async () => {
      ids = await executionsOf(n8n, workflowId);
      return ids.length >= count;
    },
    seconds,
  );
  return Promise.all(ids.map((id) => endOf(n8n, id)));
}

test.each([
  ['dograhTrigger', ['setupNotice', 'events', 'agent', 'statuses', 'simplify']],
  ['dograhPollingTrigger', ['pollTimes', 'agent', 'statuses', 'simplify']],
])('n8n serves %s with the fields %j', async (name, fields) => {
  const nodeInfos = [{ name: `n8n-nodes-dograh.${name}`, version: 1 }];
  const [served] = (await n8n.rest('POST', '/node-types', { nodeInfos })) as INodeTypeDescription[];
  expect(served?.properties.map((property) => property.name)).toEqual(fields);
});

describe('the Dograh Trigger', () => {
  let dograh: Dograh;
  let workflowId: string;
  let webhookUrl: string;

  afterEach(() => dograh.stop());

  async function start(environment: Record<string, string>, parameters: object = {}): Promise<void> {
    dograh = await startDograh(environment);
    const webhookId = `hook-${dograh.agent.uuid}`;
    webhookUrl = `${n8n.baseUrl}/webhook/${webhookId}/webhook`;
    const node = await triggerNode(dograh, 'dograhTrigger', { webhookId, parameters });
    workflowId = await createWorkflow(n8n, [node, { name: 'End', type: 'n8n-nodes-base.noOp' }]);
    await setActive(n8n, workflowId, true);
  }

  async function post(headers: Record<string, string>, body: string): Promise<number> {
    const reply = await fetch(webhookUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
    return reply.status;
  }

  test('on a server with hooks it subscribes, starts for each call that ends, and unsubscribes', async () => {
    await start({});
    expect(await dograh.api('GET', '/hooks')).toMatchObject([
      { target_url: webhookUrl, workflow_uuid: null },
    ]);
    const { runId } = await call(dograh, anna);
    const [execution] = await executions(workflowId, 1);
    expect(execution?.status).toBe('success');
    expect(execution?.items('End')).toMatchObject([
      { json: { run_id: runId, status: 'completed', disposition: 'end_call_tool', phone_number: anna } },
    ]);

    // The same delivery again, as from a server that did not receive the first answer.
    const { deliveries } = (await dograh.api('GET', '/webhook-deliveries')) as {
      deliveries: { id: string }[];
    };
    const delivery = `/webhook-deliveries/${deliveries[0]?.id ?? ''}`;
    await dograh.api('POST', `${delivery}/redeliver`);
    await until('it is delivered again', async () => {
      const { attempts } = (await dograh.api('GET', delivery)) as { attempts: object[] };
      return attempts.length === 2;
    });
    expect(await executionsOf(n8n, workflowId)).toHaveLength(1);
    await until('the delivery is remembered for after a restart', async () => {
      const { staticData } = (await n8n.rest('GET', `/workflows/${workflowId}`)) as { staticData: object };
      return JSON.stringify(staticData).includes(deliveries[0]?.id ?? '-');
    });

    await setActive(n8n, workflowId, false);
    expect(await dograh.api('GET', '/hooks')).toEqual([]);
  });

  test('an unsigned delivery does not start the workflow', async () => {
    await start({});
    const { runId } = await call(dograh, anna);
    await executions(workflowId, 1);
    const body = JSON.stringify({ type: 'call.completed', data: { id: runId } });
    const timestampSeconds = Math.floor(Date.now() / 1000);
    const message = { id: 'msg_forged', timestampSeconds, body };
    const forged = signWebhook(`whsec_${'Zm9yZ2Vk'.repeat(4)}`, message);
    const headers = { 'webhook-id': message.id, 'webhook-timestamp': String(timestampSeconds) };
    expect(await post({ ...headers, 'webhook-signature': forged }, body)).toBe(401);
    expect(await post(headers, body)).toBe(401);
    expect(await executionsOf(n8n, workflowId)).toHaveLength(1);
  });

  /** The README's setup for servers without hooks: a credential with the secret, and a Webhook node in the agent. */
  async function addWebhookNode(): Promise<void> {
    const credential = (await dograh.api('POST', '/credentials/', {
      name: 'n8n',
      credential_type: 'custom_header',
      credential_data: { header_name: 'X-Webhook-Secret', header_value: secret },
    })) as { uuid: string };
    const path = `/workflow/${String(dograh.agent.id)}`;
    const { workflow_definition: definition } = (await dograh.api(
      'GET',
      `/workflow/fetch/${String(dograh.agent.id)}`,
    )) as { workflow_definition: AgentDefinition };
    const data = { name: 'n8n', endpoint_url: webhookUrl, credential_uuid: credential.uuid };
    definition.nodes.push({ id: 'n8n', type: 'webhook', position: { x: 0, y: 0 }, data });
    await dograh.api('PUT', path, { workflow_definition: definition });
    await dograh.api('POST', `${path}/publish`, {});
  }

  test('on plain Dograh it starts once for each delivery of the agent’s Webhook node with the secret', async () => {
    await start({ EXTENSIONS: '' });
    await addWebhookNode();
    const { runId } = await call(dograh, anna);
    const [execution] = await executions(workflowId, 1);
    expect(execution?.items('End')).toMatchObject([{ json: { run_id: runId, status: 'completed' } }]);

    const headers = { 'x-dograh-workflow-run-id': String(runId), 'x-dograh-delivery-id': 'delivery-2' };
    expect(await post(headers, '{}')).toBe(401);
    expect(await post({ ...headers, 'x-webhook-secret': 'another' }, '{}')).toBe(401);
    expect(await post({ ...headers, 'x-webhook-secret': secret }, '{}')).toBe(200);
    await executions(workflowId, 2);
    expect(await post({ ...headers, 'x-webhook-secret': secret }, '{}')).toBe(200);
    expect(await executionsOf(n8n, workflowId)).toHaveLength(2);
  });

  test('it starts only for the chosen statuses', async () => {
    await start({}, { statuses: ['busy'] });
    const ended = await call(dograh, anna);
    await dograh.client.waitForRun(ended.runId, { timeoutSeconds: 20, pollIntervalSeconds: 0.05 });
    const { runId } = await call(dograh, isBusy);
    const started = await executions(workflowId, 1);
    expect(started.map((execution) => execution.items('End')[0]?.json.run_id)).toEqual([runId]);
  });
});

describe('the Dograh Polling Trigger', () => {
  /** n8n polls at most once a minute. */
  const withinAMinute = 90;

  async function pollThroughAnOutage(environment: Record<string, string>): Promise<void> {
    const dograh = await startDograh({ ...environment, SANDBOX_STEP_MS: '5000' });
    const agent = { __rl: true, mode: 'list', value: dograh.agent.uuid };
    const node = await triggerNode(dograh, 'dograhPollingTrigger', { parameters: { agent } });
    const workflowId = await createWorkflow(n8n, [node, { name: 'End', type: 'n8n-nodes-base.noOp' }]);
    try {
      const early = await call(dograh, isBusy);
      await dograh.client.waitForRun(early.runId, { timeoutSeconds: 60, pollIntervalSeconds: 0.2 });
      const tried = await endOf(n8n, await startWorkflow(n8n, workflowId, { name: node.name }));
      expect(tried.items('End')).toMatchObject([{ json: { run_id: early.runId, status: 'busy' } }]);

      // In progress when the workflow is activated, and longer than the call that is placed after it.
      const late = await call(dograh, anna);
      await setActive(n8n, workflowId, true);
      const quick = await call(dograh, isBusy);

      const { length } = dograh.requests;
      dograh.outage.status = 401;
      await until('a poll meets the outage', async () => dograh.requests.length > length, withinAMinute);
      dograh.outage.status = null;
      expect(await startedFor(workflowId, 2)).toEqual([late.runId, quick.runId]);

      const last = await call(dograh, isBusy);
      expect(await startedFor(workflowId, 3)).toEqual([late.runId, quick.runId, last.runId]);
    } finally {
      await dograh.stop();
    }
  }

  /** Waits until the workflow was started this often, and returns the run ids. */
  async function startedFor(workflowId: string, count: number): Promise<unknown[]> {
    let runIds: unknown[] = [];
    await until(
      `${String(count)} runs started workflow ${workflowId}`,
      async () => {
        const started = await executions(workflowId, 0);
        runIds = started.flatMap((execution) => execution.items('End').map(({ json }) => json.run_id));
        return runIds.length >= count;
      },
      2 * withinAMinute,
    );
    return runIds;
  }

  test('each call that ends after the activation starts the workflow once, even after a failed poll', async () => {
    await Promise.all([pollThroughAnOutage({}), pollThroughAnOutage({ EXTENSIONS: '' })]);
  }, 900_000);
});
