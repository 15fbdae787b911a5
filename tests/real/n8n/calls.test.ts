/** The packed node in a real n8n against the real server; calls are counted at the server. `npm run test:n8n` */
import { freeTcpPort } from '../../support/free-port';
import { serverModes, startDograh, type Dograh } from './dograh';
import { startN8n, type N8n } from './n8n';
import { isN8nBefore } from './version';
import {
  createWorkflow,
  dograhNodeType,
  retryExecution,
  runWorkflow,
  startWith,
  type TestNode,
} from './workflows';

const refused = { status: 429, detail: 'Concurrent call limit reached' };
const anna = '+14155550101';
const ben = '+14155550102';
const cleo = '+14155550103';
const each = { [anna]: 1, [ben]: 1, [cleo]: 1 };
const leads = startWith({ phone: anna, lead: 1 }, { phone: ben, lead: 2 }, { phone: cleo, lead: 3 });
/** n8n before 1.100 also retries a node that continues on fail, but keeps the output of the first try. */
const refusedFirst = isN8nBefore(1, 100) ? undefined : anna;
const retries = { retryOnFail: true, maxTries: 3, waitBetweenTries: 100 };

let n8n: N8n;

beforeAll(async () => {
  n8n = await startN8n();
}, 1_800_000);

afterAll(() => n8n.stop());

describe.each(serverModes)('%s', (mode, environment) => {
  const keepsKeys = !('EXTENSIONS' in environment);
  let dograh: Dograh;
  let credential: { id: string; name: string };

  beforeEach(async () => {
    dograh = await startDograh(environment);
    credential = await n8n.createCredential('dograhApi', dograh.credential);
  });

  afterEach(() => dograh.stop());

  function place(node: Partial<TestNode> = {}): TestNode {
    return {
      name: 'Place a call',
      type: dograhNodeType,
      credentials: { dograhApi: credential },
      ...node,
      parameters: {
        agent: { __rl: true, mode: 'list', value: dograh.agent.uuid },
        phoneNumber: '={{ $json.phone }}',
        ...node.parameters,
      },
    };
  }

  function readNode(parameters: object): TestNode {
    return {
      name: 'Read',
      type: dograhNodeType,
      credentials: { dograhApi: credential },
      parameters: { operation: 'get', ...parameters },
    };
  }

  test('a call is placed with the item’s number and variables, and read after its end', async () => {
    const workflow = await createWorkflow(n8n, [
      startWith({ phone: '+1 (415) 555-0101', name: 'Jane' }),
      place({
        parameters: {
          specifyVariables: 'json',
          jsonVariables: '={{ { first_name: $json.name, day: "Monday" } }}',
        },
      }),
    ]);
    const [placed] = (await runWorkflow(n8n, workflow)).items('Place a call');
    expect(placed).toEqual({
      json: {
        run_id: expect.any(Number),
        run_name: expect.stringMatching(/^WR-API-\d+$/),
        agent_id: keepsKeys ? dograh.agent.id : null,
        status: 'initiated',
        phone_number: anna,
        already_placed: false,
        mode: keepsKeys ? 'sandbox' : null,
        fallback_from: null,
      },
      pairedItem: { item: 0 },
    });
    const runId = Number(placed?.json.run_id);
    const run = await dograh.client.waitForRun(runId, { timeoutSeconds: 20, pollIntervalSeconds: 0.05 });
    expect(run.initial_context).toMatchObject({ first_name: 'Jane', day: 'Monday' });
    expect(await dograh.dials()).toEqual({ [anna]: 1 });

    const reading = await createWorkflow(n8n, [
      startWith({ id: runId }),
      readNode({ runId: '={{ $json.id }}' }),
    ]);
    const [read] = (await runWorkflow(n8n, reading)).items('Read');
    expect(read?.json).toMatchObject({
      run_id: runId,
      agent_id: dograh.agent.id,
      status: 'completed',
      disposition: 'end_call_tool',
      phone_number: anna,
    });
    expect(Object.keys(read?.json ?? {})).toHaveLength(23);
  });

  test('Retry On Fail calls nobody twice when the last item is refused twice', async () => {
    dograh.mishaps.set(cleo, [refused, refused]);
    const workflow = await createWorkflow(n8n, [leads, place(retries)]);
    const execution = await runWorkflow(n8n, workflow);
    expect(execution.status).toBe('success');
    expect(execution.items('Place a call')).toHaveLength(3);
    expect(await dograh.dials()).toEqual(each);
  });

  test('Retry On Fail calls nobody twice when a variable changes at each try', async () => {
    dograh.mishaps.set(ben, [refused]);
    const two = startWith({ phone: anna }, { phone: ben });
    const timed = { specifyVariables: 'json', jsonVariables: '={{ { asked_at: $now.toISO() } }}' };
    for (const onError of ['stopWorkflow', 'continueRegularOutput'] as const) {
      dograh.mishaps.set(anna, [refused]);
      const nodes = [two, place({ ...retries, onError, parameters: timed })];
      const execution = await runWorkflow(n8n, await createWorkflow(n8n, nodes));
      const first = onError === 'stopWorkflow' ? anna : refusedFirst;
      expect(execution.items('Place a call').map(({ json }) => json.phone_number)).toEqual([first, ben]);
    }
    expect(await dograh.dials()).toEqual({ [anna]: 2, [ben]: 2 });
  });

  test('Retry On Fail calls nobody twice in continue mode, when the first item is refused twice', async () => {
    dograh.mishaps.set(anna, [refused, refused]);
    const workflow = await createWorkflow(n8n, [
      leads,
      place({ ...retries, onError: 'continueRegularOutput' }),
    ]);
    const execution = await runWorkflow(n8n, workflow);
    expect(execution.items('Place a call').map(({ json }) => json.phone_number)).toEqual([
      refusedFirst,
      ben,
      cleo,
    ]);
    expect(await dograh.dials()).toEqual(each);
  });

  test('a call whose reply was lost is not placed again by Retry On Fail', async () => {
    dograh.mishaps.set(ben, ['reply lost', 'reply lost']);
    const workflow = await createWorkflow(n8n, [leads, place(retries)]);
    const execution = await runWorkflow(n8n, workflow);
    // Plain Dograh does not recognize a repeat, but its list of calls has the first call.
    expect(execution.status).toBe('success');
    expect(await dograh.dials()).toEqual(each);
  });

  test('Retry in the editor, twice, calls nobody twice', async () => {
    dograh.mishaps.set(cleo, [refused, refused]);
    const workflow = await createWorkflow(n8n, [leads, place()]);
    const first = await runWorkflow(n8n, workflow);
    expect(first.status).toBe('error');
    const second = await retryExecution(n8n, first.id);
    expect(second.status).toBe('error');
    const third = await retryExecution(n8n, second.id);
    expect(third.status).toBe('success');
    expect(third.items('Place a call').map(({ json }) => json.phone_number)).toEqual([anna, ben, cleo]);
    expect(await dograh.dials()).toEqual(each);
  });

  test.each([
    ['once for a Call Reference', { callOncePer: 'reference', callReference: '=lead {{ $json.lead }}' }, 1],
    ['at each start without one, as the README says', {}, 3],
  ])(
    'a sub-workflow that fails after its call, under Retry On Fail, calls %s',
    async (_name, parameters, dials) => {
      const subWorkflow = await createWorkflow(n8n, [
        {
          name: 'When called',
          type: 'n8n-nodes-base.executeWorkflowTrigger',
          typeVersion: 1.1,
          parameters: { inputSource: 'passthrough' },
        },
        place({ parameters }),
        { name: 'Fail', type: 'n8n-nodes-base.stopAndError', parameters: { errorMessage: 'Not today' } },
      ]);
      const workflow = await createWorkflow(n8n, [
        startWith({ phone: anna, lead: 7 }),
        {
          name: 'Call it',
          type: 'n8n-nodes-base.executeWorkflow',
          typeVersion: 1.2,
          parameters: { workflowId: { __rl: true, mode: 'id', value: subWorkflow } },
          ...retries,
        },
      ]);
      const { error } = await runWorkflow(n8n, workflow);
      expect(error?.message).toContain('Not today');
      expect(await dograh.dials()).toEqual({ [anna]: dials });
    },
  );

  test('with all call slots taken a call fails, or waits for a slot', async () => {
    const busy = await startDograh({
      ...environment,
      DEFAULT_ORG_CONCURRENCY_LIMIT: '1',
      // Longer than n8n needs for the next item.
      SANDBOX_STEP_MS: '1000',
    });
    try {
      const dograhApi = await n8n.createCredential('dograhApi', busy.credential);
      const agent = { __rl: true, mode: 'list', value: busy.agent.uuid };
      const impatient = place({ credentials: { dograhApi }, parameters: { agent } });
      const failed = await runWorkflow(n8n, await createWorkflow(n8n, [leads, impatient]));
      expect(failed.error?.message).toMatch(
        /^Concurrent call limit reached.*This call was not placed.*\[item 1\]$/,
      );
      expect(await busy.dials()).toEqual({ [anna]: 1 });

      const options = { busyWaitSeconds: 60 };
      const patient = place({ credentials: { dograhApi }, parameters: { agent, options } });
      const execution = await runWorkflow(n8n, await createWorkflow(n8n, [leads, patient]));
      expect(execution.items('Place a call')).toHaveLength(3);
      expect(await busy.dials()).toEqual({ [anna]: 2, [ben]: 1, [cleo]: 1 });
    } finally {
      await busy.stop();
    }
  });

  test('calls and agents are listed, and an agent is read with its variables', async () => {
    await runWorkflow(n8n, await createWorkflow(n8n, [leads, place()]));
    async function read(parameters: object): Promise<Record<string, unknown>[]> {
      const reading = await createWorkflow(n8n, [startWith({}), readNode(parameters)]);
      return (await runWorkflow(n8n, reading)).items('Read').map(({ json }) => json);
    }
    const calls = await read({ operation: 'getAll', limit: 2 });
    expect(calls.map((call) => call.phone_number)).toEqual([cleo, ben]);
    const agents = await read({ resource: 'agent', operation: 'getAll', returnAll: true });
    expect(agents).toContainEqual(expect.objectContaining({ name: 'Appointment reminder' }));
    const agent = { __rl: true, mode: 'list', value: dograh.agent.uuid };
    expect(await read({ resource: 'agent', operation: 'get', agent })).toMatchObject([
      { name: 'Appointment reminder', variables: [{ name: 'first_name' }, { name: 'day' }] },
    ]);
  });

  test('every round of a loop may call the same number again', async () => {
    const workflow = await createWorkflow(
      n8n,
      [
        startWith({ phone: anna }, { phone: anna }),
        { name: 'Loop', type: 'n8n-nodes-base.splitInBatches', typeVersion: 3 },
        place(),
      ],
      [
        ['Start', 'Loop'],
        ['Loop', 'Place a call', { output: 1 }],
        ['Place a call', 'Loop'],
      ],
    );
    const execution = await runWorkflow(n8n, workflow);
    expect(execution.runCount('Place a call')).toBe(2);
    expect(await dograh.dials()).toEqual({ [anna]: 2 });
  });

  test('a refused call is an error with the carrier’s message and the item, and later items are not called', async () => {
    const refusedByCarrier = '+15005550001';
    const items = startWith({ phone: anna }, { phone: refusedByCarrier }, { phone: cleo });
    const execution = await runWorkflow(n8n, await createWorkflow(n8n, [items, place()]));
    expect(execution.error?.message).toMatch(/^Failed to initiate call.*\[item 1\]$/);
    expect(await dograh.dials()).toEqual({ [anna]: 1, [refusedByCarrier]: 1 });
  });

  test.each([
    [404, 'Agent trigger not found', /^Agent trigger not found\. Check the agent/],
    [
      422,
      [{ loc: ['body', 'phone_number'], msg: 'Value is too long', type: 'value_error' }],
      /^Phone Number: Value is too long\. Correct/,
    ],
    [500, 'Internal Server Error', /^Internal Server Error\. The call may have been placed: look at/],
    [429, 'Concurrent call limit reached', /^Concurrent call limit reached\. This call was not placed/],
  ])('a %i is an error with the server’s message and the item', async (status, detail, words) => {
    // The number of requests of a client to a server that keeps keys.
    dograh.mishaps.set(ben, Array(3).fill({ status, detail }));
    const execution = await runWorkflow(n8n, await createWorkflow(n8n, [leads, place()]));
    expect(execution.error?.message).toMatch(words);
    expect(execution.error?.message).toMatch(/\[item 1\]$/);
    expect(await dograh.dials()).toEqual({ [anna]: 1 });
  });

  test('an invalid number is refused with the field’s name without a request', async () => {
    const items = startWith({ phone: '4155550101' });
    const execution = await runWorkflow(n8n, await createWorkflow(n8n, [items, place()]));
    expect(execution.error?.message).toMatch(/^Phone Number: .*\[item 0\]$/);
    expect(dograh.requests).toEqual([]);
  });

  test('for an unreachable server the error says that nobody was called, and why', async () => {
    const baseUrl = `http://127.0.0.1:${String(await freeTcpPort())}`;
    credential = await n8n.createCredential('dograhApi', { ...dograh.credential, baseUrl });
    const workflow = await createWorkflow(n8n, [startWith({ phone: anna }), place()]);
    const { error } = await runWorkflow(n8n, workflow);
    expect(error?.message).toMatch(
      /cannot be reached: connect ECONNREFUSED\..*This call was not placed\. \[item 0\]$/,
    );
  });

  test('the error branch has the input item with the error', async () => {
    dograh.mishaps.set(ben, [refused]);
    const nodes = [leads, place({ onError: 'continueErrorOutput' })];
    const execution = await runWorkflow(n8n, await createWorkflow(n8n, nodes));
    expect(execution.items('Place a call', 1)).toEqual([
      {
        json: {
          phone: ben,
          lead: 2,
          error: {
            message: expect.stringContaining('Concurrent call limit reached'),
            code: 'busy',
            http_status: 429,
            description: 'Concurrent call limit reached',
          },
        },
        pairedItem: { item: 1 },
      },
    ]);
    expect(execution.items('Place a call').map(({ json }) => json.phone_number)).toEqual([anna, cleo]);
    expect(await dograh.dials()).toEqual({ [anna]: 1, [cleo]: 1 });
  });

  test('the regular output has the input item with the error, too', async () => {
    dograh.mishaps.set(ben, [refused]);
    const nodes = [leads, place({ onError: 'continueRegularOutput' })];
    const execution = await runWorkflow(n8n, await createWorkflow(n8n, nodes));
    expect(execution.items('Place a call')).toMatchObject([
      { json: { phone_number: anna } },
      {
        json: { phone: ben, lead: 2, error: { message: expect.stringContaining('[item 1]'), code: 'busy' } },
      },
      { json: { phone_number: cleo } },
    ]);
  });
});
