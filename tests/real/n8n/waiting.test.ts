/** Place and Wait in a real n8n: its output, its timeout, and stopped executions. */
import { until } from '../until';
import { serverModes, startDograh, type Dograh } from './dograh';
import { startN8n, type N8n } from './n8n';
import {
  createWorkflow,
  dograhNodeType,
  endOf,
  runWorkflow,
  startWith,
  startWorkflow,
  type TestNode,
} from './workflows';

const answers = '+14155550101';
const isBusy = '+15005550011';
const doesNotAnswer = '+15005550012';

let n8n: N8n;

beforeAll(async () => {
  n8n = await startN8n();
}, 1_800_000);

afterAll(() => n8n.stop());

describe.each(serverModes)('%s', (_, environment) => {
  let dograh: Dograh;

  afterEach(() => dograh.stop());

  async function placeAndWait(options: object, operation = 'placeAndWait'): Promise<TestNode> {
    return {
      name: 'Call and wait',
      type: dograhNodeType,
      credentials: { dograhApi: await n8n.createCredential('dograhApi', dograh.credential) },
      parameters: {
        operation,
        agent: { __rl: true, mode: 'list', value: dograh.agent.uuid },
        phoneNumber: '={{ $json.phone }}',
        options: { pollIntervalSeconds: 1, ...options },
      },
    };
  }

  /** How often n8n has read each run. */
  function reads(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { method, url } of dograh.requests) {
      const runId = /\/runs\/(\d+)$/.exec(url)?.[1];
      if (method === 'GET' && runId !== undefined) counts[runId] = (counts[runId] ?? 0) + 1;
    }
    return counts;
  }

  test('calls are placed, awaited together, and returned with their results', async () => {
    dograh = await startDograh(environment);
    const items = startWith({ phone: answers }, { phone: isBusy }, { phone: doesNotAnswer });
    const workflow = await createWorkflow(n8n, [items, await placeAndWait({ batching: { batch: {} } })]);
    const execution = await runWorkflow(n8n, workflow);
    expect(execution.items('Call and wait')).toMatchObject([
      {
        json: { phone_number: answers, status: 'completed', disposition: 'end_call_tool' },
        pairedItem: { item: 0 },
      },
      { json: { phone_number: isBusy, status: 'busy', disposition: 'busy' }, pairedItem: { item: 1 } },
      {
        json: { phone_number: doesNotAnswer, status: 'no-answer', disposition: 'no-answer' },
        pairedItem: { item: 2 },
      },
    ]);
    expect(await dograh.dials()).toEqual({ [answers]: 1, [isBusy]: 1, [doesNotAnswer]: 1 });
  });

  test('a call that is longer than Max Wait fails with its run id, or is returned in its current state', async () => {
    dograh = await startDograh({ ...environment, SANDBOX_STEP_MS: '600000' });
    const lead = startWith({ phone: answers });
    const failing = await createWorkflow(n8n, [lead, await placeAndWait({ maxWaitSeconds: 1 })]);
    const failed = await runWorkflow(n8n, failing);
    expect(failed.error?.message).toMatch(/run 1\b.*\[item 0\]$/i);

    const options = { maxWaitSeconds: 1, whenMaxWaitIsOver: 'return' };
    const returning = await createWorkflow(n8n, [lead, await placeAndWait(options)]);
    const returned = await runWorkflow(n8n, returning);
    expect(returned.items('Call and wait')).toMatchObject([{ json: { run_id: 2, disposition: null } }]);
    expect(await dograh.dials()).toEqual({ [answers]: 2 });
  });

  test('a stopped execution stops polling and calls nobody else', async () => {
    dograh = await startDograh({ ...environment, SANDBOX_STEP_MS: '600000' });
    const lead = startWith({ phone: answers });
    const workflow = await createWorkflow(n8n, [lead, await placeAndWait({})]);
    const stopped = await startWorkflow(n8n, workflow);
    await until('the first call is waited for', async () => (reads()['1'] ?? 0) > 0);
    await n8n.rest('POST', `/executions/${stopped}/stop`);
    expect((await endOf(n8n, stopped)).status).toBe('canceled');

    // Another execution that waits as long shows that the first one has ended, and not only been struck off.
    const readsAtStop = reads()['1'];
    const other = await startWorkflow(n8n, workflow);
    await until('the second call is read three times', async () => (reads()['2'] ?? 0) >= 3);
    await n8n.rest('POST', `/executions/${other}/stop`);
    expect(reads()['1']).toBe(readsAtStop);
    expect(await dograh.dials()).toEqual({ [answers]: 2 });
  });

  test('an execution that is stopped while it waits for a slot sends no more requests, and calls nobody', async () => {
    dograh = await startDograh(environment);
    const others = '+14155550102';
    const refused = { status: 429, detail: 'Concurrent call limit reached' };
    for (const number of [answers, others]) dograh.mishaps.set(number, Array(1000).fill(refused));
    const asked = (number: string) => dograh.requests.filter(({ body }) => body.includes(number)).length;
    async function startWaiting(phone: string): Promise<string> {
      const node = await placeAndWait({ busyWaitSeconds: 600 }, 'place');
      return startWorkflow(n8n, await createWorkflow(n8n, [startWith({ phone }), node]));
    }

    const stopped = await startWaiting(answers);
    await until('a slot is waited for', async () => asked(answers) > 0);
    await n8n.rest('POST', `/executions/${stopped}/stop`);
    expect((await endOf(n8n, stopped)).status).toBe('canceled');

    // Another execution that waits as long shows that the first one has ended, and not only been struck off.
    const askedAtStop = asked(answers);
    const other = await startWaiting(others);
    await until('the other one has asked three times', async () => asked(others) >= 3);
    await n8n.rest('POST', `/executions/${other}/stop`);
    expect(asked(answers)).toBe(askedAtStop);
    expect(await dograh.dials()).toEqual({});
  });
});
