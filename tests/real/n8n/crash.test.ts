/**
 * Executions that end during a call, and their retries in a real n8n, which does not keep the ledger. The calls are
 * counted at the server. n8n itself does not retry such an execution if it was started by hand.
 */
import { until } from '../until';
import { serverModes, startDograh, type Dograh } from './dograh';
import { byForm, byWebhook } from './leads';
import { startN8n, type N8n } from './n8n';
import { isN8n1 } from './version';
import {
  createWorkflow,
  dograhNodeType,
  endOf,
  executionsOf,
  retryExecution,
  setActive,
  type TestNode,
} from './workflows';

const anna = '+14155550101';

let n8n: N8n;

beforeAll(async () => {
  // Long enough for started requests, shorter than a call.
  n8n = await startN8n({ N8N_GRACEFUL_SHUTDOWN_TIMEOUT: '2' });
}, 1_800_000);

afterAll(() => n8n.stop());

describe.each(serverModes)('%s', (_mode, environment) => {
  let dograh: Dograh;
  let credential: { id: string; name: string };

  beforeEach(async () => {
    // A call of half a minute, which lasts longer than a restart.
    dograh = await startDograh({ ...environment, SANDBOX_STEP_MS: '10000' });
    credential = await n8n.createCredential('dograhApi', dograh.credential);
  });

  afterEach(() => dograh.stop());

  function placeAndWait(phoneNumber: string): TestNode {
    return {
      name: 'Place a call',
      type: dograhNodeType,
      credentials: { dograhApi: credential },
      parameters: {
        operation: 'placeAndWait',
        agent: { __rl: true, mode: 'list', value: dograh.agent.uuid },
        phoneNumber,
      },
    };
  }

  const isCalled = () => until('the call is placed', async () => (await dograh.dials())[anna] === 1);

  /** Starts an execution with a lead, and waits until its call is in progress. */
  async function calling(startBy = byForm): Promise<string> {
    const start = startBy(`lead-${dograh.agent.uuid}`);
    const workflow = await createWorkflow(n8n, [start.trigger, placeAndWait(start.phone)]);
    await setActive(n8n, workflow, true);
    await start.send(n8n.baseUrl, { phone: anna, reference: 'lead-1' });
    await isCalled();
    const [execution = ''] = await executionsOf(n8n, workflow);
    return execution;
  }

  test.each(['SIGKILL', 'SIGTERM'] as const)(
    'the retry of an execution that a %s of n8n ended returns its call and calls nobody',
    async (signal) => {
      const execution = await calling();
      await n8n.restart(signal);
      await until('n8n says that it crashed', async () =>
        ['crashed', 'error', 'canceled'].includes((await endOf(n8n, execution)).status),
      );
      const retried = await retryExecution(n8n, execution);
      expect(retried.items('Place a call')).toMatchObject([
        { json: { phone_number: anna, status: 'completed', already_placed: true } },
      ]);
      expect(await dograh.dials()).toEqual({ [anna]: 1 });
    },
    240_000,
  );

  test('when another start may have equal items, the retry fails, names the call and calls nobody', async () => {
    const execution = await calling(byWebhook);
    await n8n.restart('SIGKILL');
    await endOf(n8n, execution);
    const { error } = await retryExecution(n8n, execution);
    expect(error?.message).toMatch(
      /^This call may have been placed: this node called the number on \S+ \(run ID \d+\)/,
    );
    expect(await dograh.dials()).toEqual({ [anna]: 1 });
  }, 240_000);

  test('the retry of a stopped execution returns its call and calls nobody', async () => {
    const execution = await calling();
    await n8n.rest('POST', `/executions/${execution}/stop`);
    expect((await endOf(n8n, execution)).status).toBe('canceled');
    const retried = await retryExecution(n8n, execution);
    // n8n 1 does not store a stopped node, so the retry runs nothing.
    expect(retried.items('Place a call')).toMatchObject(
      isN8n1 ? [] : [{ json: { phone_number: anna, status: 'completed' } }],
    );
    expect(await dograh.dials()).toEqual({ [anna]: 1 });
  }, 240_000);
});
