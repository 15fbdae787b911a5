/**
 * n8n in queue mode, whose processes end during a call. The calls are counted at the server. n8n 2 fails the
 * execution of a killed worker; n8n 1 passes it to another worker, which is simulated here.
 */
import { signWebhook } from '@dograh-trigger/shared';
import { serverModes, startDograh, type Dograh } from '../n8n/dograh';
import { byForm, type LeadStart } from '../n8n/leads';
import {
  createWorkflow,
  dograhNodeType,
  endOf,
  executionsOf,
  retryExecution,
  setActive,
  type Execution,
  type TestNode,
} from '../n8n/workflows';
import { until } from '../until';
import { startQueueN8n, type QueueN8n, type QueueProcess } from './n8n-queue';

const anna = '+14155550101';
const secret = 'a secret between the agent and the workflow';
const signals = ['SIGKILL', 'SIGTERM'] as const;
/** The time for an execution of a killed worker: main waits half a minute before it fails it. */
const missedSeconds = 120;
const saysStalled = expect.stringContaining('failed to be processed too many times') as string;

let n8n: QueueN8n;

beforeAll(async () => {
  n8n = await startQueueN8n();
}, 1_800_000);

afterAll(() => n8n.stop(), 60_000);

describe.each(serverModes)('%s', (_mode, environment) => {
  const keepsKeys = !('EXTENSIONS' in environment);
  let dograh: Dograh;
  let credential: { id: string; name: string };

  afterEach(() => dograh.stop());

  async function start(more: Record<string, string> = {}): Promise<void> {
    dograh = await startDograh({ ...environment, ...more });
    const data = { ...dograh.credential, webhookSecret: secret };
    credential = await n8n.main.createCredential('dograhApi', data);
  }

  /** Activates a workflow that places one call per lead. */
  async function activate(operation: 'place' | 'placeAndWait', parameters: object = {}): Promise<string> {
    const { trigger, phone } = leads();
    const call: TestNode = {
      name: 'Call',
      type: dograhNodeType,
      credentials: { dograhApi: credential },
      parameters: {
        operation,
        agent: { __rl: true, mode: 'list', value: dograh.agent.uuid },
        phoneNumber: phone,
        ...parameters,
      },
    };
    const workflow = await createWorkflow(n8n.main, [trigger, call]);
    await setActive(n8n.main, workflow, true);
    return workflow;
  }

  function leads(): LeadStart {
    return byForm(`lead-${dograh.agent.uuid}`);
  }

  function sendLead(): Promise<void> {
    return leads().send(n8n.main.baseUrl, { phone: anna, reference: 'lead-1' });
  }

  /** A lead has come in, and its call of half a minute, which outlives a restart, is under way. */
  async function calling(parameters: object = {}): Promise<{ execution: string; worker: QueueProcess }> {
    await start({ SANDBOX_STEP_MS: '10000' });
    const workflow = await activate('placeAndWait', parameters);
    await sendLead();
    await until('the call is placed', async () => (await dograh.dials())[anna] === 1);
    const [execution = ''] = await executionsOf(n8n.main, workflow);
    return { execution, worker: await n8n.workerOf(execution) };
  }

  /** Waits for this number of ended executions of a workflow, and returns them. */
  async function ends(workflow: string, count: number): Promise<Execution[]> {
    let ids: string[] = [];
    await until(`${String(count)} executions`, async () => {
      ids = await executionsOf(n8n.main, workflow);
      return ids.length >= count;
    });
    return Promise.all(ids.map((id) => endOf(n8n.main, id)));
  }

  test.each(signals)(
    'a %s of the worker fails the execution; its retry, without saved data, runs no node and calls nobody',
    async (signal) => {
      const { execution, worker } = await calling();
      await worker.end(signal);
      const failed = await endOf(n8n.main, execution, missedSeconds);
      expect(failed).toMatchObject({ status: 'error', error: { message: saysStalled } });
      await worker.start();
      const retried = await retryExecution(n8n.main, execution);
      expect(retried.runCount('Call')).toBe(0);
      expect(await dograh.dials()).toEqual({ [anna]: 1 });
    },
    300_000,
  );

  test.each(signals)(
    'after a %s of main the worker continues the execution with its one call',
    async (signal) => {
      const { execution } = await calling();
      await n8n.main.restart(signal);
      const ended = await endOf(n8n.main, execution);
      expect(ended.items('Call')).toMatchObject([{ json: { status: 'completed', already_placed: false } }]);
      expect(await dograh.dials()).toEqual({ [anna]: 1 });
    },
    300_000,
  );

  test.each(signals)(
    'the retry of an execution that a %s of main and its worker ended returns its call and calls nobody',
    async (signal) => {
      const { execution, worker } = await calling();
      const workerEnds = worker.end(signal);
      await n8n.main.restart(signal, async () => {
        await workerEnds;
        await n8n.isIdle();
      });
      await worker.start();
      expect(await endOf(n8n.main, execution)).toMatchObject({ status: 'crashed' });
      const retried = await retryExecution(n8n.main, execution);
      expect(retried.items('Call')).toMatchObject([
        { json: { phone_number: anna, status: 'completed', already_placed: true } },
      ]);
      expect(await dograh.dials()).toEqual({ [anna]: 1 });
    },
    300_000,
  );

  /** Kills a worker, and restarts its execution on another one, as in n8n 1. */
  async function begunAnew(parameters: object = {}): Promise<Execution> {
    const { execution, worker } = await calling(parameters);
    await worker.end('SIGKILL');
    n8n.requeue();
    const ended = await endOf(n8n.main, execution, missedSeconds);
    await worker.start();
    return ended;
  }

  test('an execution that another worker restarts fails with an error that names its call, and calls nobody', async () => {
    const { status, error } = await begunAnew();
    expect({ status, message: error?.message }).toEqual({
      status: 'error',
      message: expect.stringMatching(
        /^This call was placed before, .*: run ID \d+\. It was not placed again/,
      ) as string,
    });
    expect(await dograh.dials()).toEqual({ [anna]: 1 });
  }, 300_000);

  test('with a Call Reference an execution that another worker restarts returns its call and calls nobody', async () => {
    const ended = await begunAnew({ callOncePer: 'reference', callReference: 'lead-1' });
    expect(ended.items('Call')).toMatchObject([{ json: { status: 'completed', already_placed: true } }]);
    expect(await dograh.dials()).toEqual({ [anna]: 1 });
  }, 300_000);

  test('two executions with one Call Reference call once, and the second has already_placed', async () => {
    await start();
    const workflow = await activate('place', { callOncePer: 'reference', callReference: leads().reference });
    await sendLead();
    const [first] = await ends(workflow, 1);
    await sendLead();
    const [, second] = await ends(workflow, 2);
    const runId = first?.items('Call')[0]?.json.run_id;
    expect(first?.items('Call')).toMatchObject([{ json: { already_placed: false } }]);
    expect(second?.items('Call')).toMatchObject([{ json: { run_id: runId, already_placed: true } }]);
    expect(await dograh.dials()).toEqual({ [anna]: 1 });
  }, 120_000);

  test('two executions for two leads call twice', async () => {
    await start();
    const workflow = await activate('place');
    await sendLead();
    await sendLead();
    for (const execution of await ends(workflow, 2)) {
      expect(execution.items('Call')).toMatchObject([{ json: { already_placed: false } }]);
    }
    expect(await dograh.dials()).toEqual({ [anna]: 2 });
  }, 120_000);

  test('a delivery to main and its repeat to the webhook processor start two executions with one webhook_id', async () => {
    await start();
    const { runId } = await dograh.client.triggerCall({
      target: { agentUuid: dograh.agent.uuid },
      environment: 'production',
      phoneNumber: anna,
    });
    const webhookId = `hook-${dograh.agent.uuid}`;
    const trigger: TestNode = {
      name: 'Dograh Trigger',
      type: 'n8n-nodes-dograh.dograhTrigger',
      credentials: { dograhApi: credential },
      webhookId,
    };
    await until('the call has ended', async () => (await dograh.client.getRun(runId)).is_completed);
    const workflow = await createWorkflow(n8n.main, [trigger, { name: 'End', type: 'n8n-nodes-base.noOp' }]);
    await setActive(n8n.main, workflow, true);

    const delivery = await signedDelivery(runId);
    for (const baseUrl of [n8n.main.baseUrl, n8n.processorUrl]) {
      const reply = await fetch(`${baseUrl}/webhook/${webhookId}/webhook`, { method: 'POST', ...delivery });
      expect(reply.status).toBe(200);
    }
    for (const execution of await ends(workflow, 2)) {
      expect(execution.items('End')).toMatchObject([{ json: { run_id: runId, webhook_id: 'delivery-7' } }]);
    }
  }, 120_000);

  /**
   * A delivery like the server's: signed after a subscription, otherwise with the secret of the agent's Webhook
   * node.
   */
  async function signedDelivery(runId: number): Promise<{ headers: Record<string, string>; body: string }> {
    if (!keepsKeys) {
      return {
        headers: {
          'content-type': 'application/json',
          'x-webhook-secret': secret,
          'x-dograh-workflow-run-id': String(runId),
          'x-dograh-delivery-id': 'delivery-7',
        },
        body: '{}',
      };
    }
    const message = {
      id: 'delivery-7',
      timestampSeconds: Math.floor(Date.now() / 1000),
      body: JSON.stringify({ type: 'call.completed', data: { id: runId } }),
    };
    const headers = {
      'content-type': 'application/json',
      'webhook-id': message.id,
      'webhook-timestamp': String(message.timestampSeconds),
      'webhook-signature': signWebhook(await dograh.client.readWebhookSecret(), message),
    };
    return { headers, body: message.body };
  }
});
