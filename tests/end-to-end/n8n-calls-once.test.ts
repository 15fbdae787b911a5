/**
 * The n8n node places a call once per execution, or once per reference. Tested with crashed executions, and with
 * models and lists that repeat a call. The calls are counted at the real server.
 *
 * Longer than 400 lines because all cases belong to this guarantee, on the same two servers.
 */
import type { IContextObject, IDataObject, INodeExecutionData } from 'n8n-workflow';
import { Dograh } from '../../n8n-node/nodes/Dograh/Dograh.node';
import { readyToCall, type TestAgent } from '../support/agents';
import { startDroppingProxy, type DroppingProxy } from '../support/dropping-proxy';
import { n8nContext, type N8nContextOptions } from '../support/n8n-context';
import { startTestServer, type Account, type TestServer } from '../support/test-server';

// Replaces the pause of a retry before it searches for a call, so that no test waits.
jest.mock('n8n-workflow', () => ({
  ...jest.requireActual<object>('n8n-workflow'),
  sleep: () => Promise.resolve(),
}));

const number = '+14155550100';
/** The item of a form trigger for a new lead. */
const lead: IDataObject = { phone: number, submittedAt: '2026-11-29T10:00:00.000+01:00' };
const nextLead: IDataObject = { phone: number, submittedAt: '2026-11-29T10:00:07.500+01:00' };
/** A retry from the editor of the execution that this lead started. */
const retryOf = (start: IDataObject): Partial<N8nContextOptions> => ({
  startedBy: [start],
  executionId: '232',
  mode: 'retry',
});
/** For a node that takes the number from its item. */
const perItem = { phoneNumber: '={{ $json.phone }}' };
const withNumber = (phone: string) => ({ phone });
const anna = withNumber('+14155550101');
const ben = withNumber('+14155550102');
const cleo = withNumber('+14155550103');
const perReference = { callOncePer: 'reference', callReference: '={{ $json.id }}' };

describe.each([
  ['with our extensions', {}],
  ['as plain Dograh', { EXTENSIONS: '' }],
])('%s', (_, mode: Record<string, string>) => {
  const isPlain = 'EXTENSIONS' in mode;
  let server: TestServer;
  let proxy: DroppingProxy;
  let account: Account;
  let agent: TestAgent;

  beforeAll(async () => {
    server = await startTestServer(mode);
    // The node searches the calls of the last days by its own clock.
    await server.advance(Math.max(0, Date.now() - server.clock.now().getTime()));
  });
  afterAll(() => server.close());

  beforeEach(async () => {
    proxy = await startDroppingProxy(server.baseUrl);
    ({ account, agent } = await readyToCall(server));
  });
  afterEach(() => proxy.close());

  /** Runs the node in one execution, with an empty ledger by default. */
  async function run(
    options: Partial<N8nContextOptions> & { nodeContext?: IContextObject } = {},
    parameters: N8nContextOptions['parameters'] = {},
  ): Promise<IDataObject[]> {
    const context = n8nContext({
      baseUrl: proxy.url,
      apiKey: account.apiKey,
      ...options,
      parameters: {
        operation: 'place',
        agent: { __rl: true, mode: 'list', value: agent.uuid },
        phoneNumber: number,
        ...parameters,
      },
    });
    const output: INodeExecutionData[][] = await new Dograh().execute.call(context);
    return (output[0] ?? []).map(({ json }) => json);
  }

  async function runs(): Promise<number[]> {
    const page = await server.request
      .get(`/api/v1/workflow/${String(agent.id)}/runs`)
      .set('X-API-Key', account.apiKey)
      .expect(200);
    return (page.body as { runs: { id: number }[] }).runs.map(({ id }) => id);
  }

  /** An execution that placed its call and crashed: its ledger is lost. */
  async function crashed(startedBy: IDataObject[]): Promise<number> {
    const [placed] = await run({ startedBy, executionId: '231' });
    return placed?.run_id as number;
  }

  test('the retry of a crashed execution returns the current state of its call, and calls nobody', async () => {
    const runId = await crashed([lead]);
    await server.advance(5000);
    const retried = await run({ startedBy: [lead], executionId: '232', mode: 'retry' });
    expect(retried).toMatchObject([{ run_id: runId, already_placed: true, status: 'completed' }]);
    expect(await runs()).toEqual([runId]);
  });

  test('so does a retry of the retry, and one of each item', async () => {
    const items = [{ n: 1 }, { n: 2 }];
    const first = await run({ items, startedBy: [lead], executionId: '231' });
    for (const executionId of ['232', '233']) {
      const retried = await run({ items, startedBy: [lead], executionId, mode: 'retry' });
      expect(retried.map(({ run_id }) => run_id)).toEqual(first.map(({ run_id }) => run_id));
    }
    expect(await runs()).toHaveLength(2);
  });

  test('so does a retry whose variables are too long for the list of calls', async () => {
    const long = { specifyVariables: 'json', jsonVariables: { story: 'x'.repeat(40_000) } };
    const [placed] = await run({ startedBy: [lead], executionId: '231' }, long);
    const retried = await run({ startedBy: [lead], executionId: '232', mode: 'retry' }, long);
    expect(retried).toMatchObject([{ run_id: placed?.run_id, already_placed: true }]);
    expect(await runs()).toHaveLength(1);
  });

  test('the retry of an execution that crashed before its call places the call, even after a call for an earlier lead', async () => {
    await crashed([lead]);
    const retried = await run({ startedBy: [nextLead], executionId: '233', mode: 'retry' });
    expect(retried).toMatchObject([{ already_placed: false }]);
    expect(await runs()).toHaveLength(2);
  });

  test.each<[string, Partial<N8nContextOptions>]>([
    ['an empty item', { startedBy: [{}] }],
    ['a start by hand', { startedBy: [lead], triggerType: 'manualTrigger' }],
    ['a webhook', { startedBy: [{ body: { phone: number } }], triggerType: 'webhook' }],
    ['another workflow', { startedBy: [{ phone: number }], triggerType: 'executeWorkflowTrigger' }],
    ['the tool of an AI agent', { asTool: true }],
  ])(
    'when two starts cannot be distinguished (%s), a retry fails, names the call and calls nobody',
    async (_name, options) => {
      const [placed] = await run({ ...options, executionId: '231' });
      await expect(run({ ...options, executionId: '232', mode: 'retry' })).rejects.toThrow(
        new RegExp(
          `^This call may have been placed: this node called the number on 2\\S+ \\(run ID ${String(Number(placed?.run_id))}\\)`,
        ),
      );
      expect(await runs()).toEqual([placed?.run_id]);
    },
  );

  describe('whose rows have moved because one was deleted,', () => {
    const everybody = [anna, ben, cleo];
    const others = [ben, cleo];

    test('a retry returns the calls of the other rows, and calls nobody', async () => {
      const placed = await run({ items: everybody, startedBy: [lead], executionId: '231' }, perItem);
      const retried = await run({ ...retryOf(lead), items: others }, perItem);
      expect(retried).toMatchObject(placed.slice(1).map(({ run_id }) => ({ run_id, already_placed: true })));
      expect(await runs()).toHaveLength(3);
    });

    test('a retry that cannot identify its start fails, names the calls and calls nobody', async () => {
      const webhook = { startedBy: [{ body: {} }], triggerType: 'webhook' };
      const placed = await run({ ...webhook, items: everybody, executionId: '231' }, perItem);
      const retry = { ...retryOf({}), ...webhook, onError: 'continueRegularOutput' as const };
      expect(await run({ ...retry, items: others }, perItem)).toMatchObject(
        placed.slice(1).map(({ run_id }) => ({
          error: {
            code: 'conflict',
            run_id,
            message: expect.stringMatching(/^This call may have been placed/) as string,
          },
        })),
      );
      expect(await runs()).toHaveLength(3);
    });

    test('an execution that a queue restarts calls nobody again', async () => {
      await run({ items: everybody }, perItem);
      const anew = await run({ items: others, onError: 'continueRegularOutput' }, perItem);
      const message = expect.stringMatching(/^This call was placed before/) as string;
      expect(anew).toMatchObject(others.map(() => ({ error: { message } })));
      expect(await runs()).toHaveLength(3);
    });
  });

  describe('the retry of an execution whose ledger has a call with a lost reply', () => {
    test.each([1, 25, 24 * 20])('calls nobody again after %i hours', async (hours) => {
      const nodeContext = {};
      proxy.losses = ['reply lost', 'reply lost', 'reply lost'];
      proxy.lossBreaksList = true;
      await expect(run({ nodeContext, startedBy: [{ body: {} }], triggerType: 'webhook' })).rejects.toThrow(
        'The call may have been placed',
      );
      proxy.losses = [];
      proxy.lossBreaksList = false;
      proxy.isListBroken = false;
      const now = jest.spyOn(Date, 'now');
      try {
        await server.advance(hours * 3_600_000);
        now.mockReturnValue(server.clock.now().getTime());
        const webhook = { startedBy: [{ body: {} }], triggerType: 'webhook' };
        const [retried] = await run({ ...retryOf({}), ...webhook, nodeContext });
        expect(await runs()).toEqual([retried?.run_id]);
      } finally {
        now.mockRestore();
      }
    });
  });

  test.each<[string, N8nContextOptions['parameters'], N8nContextOptions['parameters']]>([
    ['from Execution to Call Reference', {}, { callOncePer: 'reference', callReference: 'lead-7' }],
    ['from Call Reference to Execution', { callOncePer: 'reference', callReference: 'lead-7' }, {}],
  ])(
    'a retry with Call Once Per switched %s returns its call and calls nobody',
    async (_name, before, after) => {
      const [placed] = await run({ startedBy: [lead], executionId: '231' }, before);
      const retried = await run(retryOf(lead), after);
      expect(retried).toMatchObject([{ run_id: placed?.run_id, already_placed: true }]);
      expect(await runs()).toHaveLength(1);
    },
  );

  test('a used Call Reference has the status of its call, even after a lost request', async () => {
    const items = [{ id: 'lead-7' }];
    const [first] = await run({ items }, perReference);
    proxy.losses = ['request lost'];
    const again = await run({ items, executionId: '232' }, perReference);
    expect(again).toMatchObject([{ run_id: first?.run_id, already_placed: true }]);
    expect(await runs()).toHaveLength(1);
  });

  test('a retry whose rows have moved keeps each Call Reference with its own call', async () => {
    const rows = [{ id: 'lead-7' }, { id: 'lead-8' }];
    const [seven] = await run(
      { items: rows.slice(0, 1), startedBy: [lead], executionId: '231' },
      perReference,
    );
    const retried = await run({ ...retryOf(lead), items: [...rows].reverse() }, perReference);
    expect(retried).toMatchObject([
      { already_placed: false },
      { run_id: seven?.run_id, already_placed: true },
    ]);
    expect(await runs()).toHaveLength(2);
  });

  test('an execution keeps its ledger when its API key is replaced', async () => {
    const nodeContext = {};
    const webhook = { nodeContext, startedBy: [{ body: {} }], triggerType: 'webhook' };
    const [first] = await run({ ...webhook, executionId: '231' });
    const created = await server.request
      .post('/api/v1/user/api-keys')
      .set('Authorization', `Bearer ${account.token}`)
      .send({ name: 'new' })
      .expect(200);
    const apiKey = (created.body as { api_key: string }).api_key;
    const [retried] = await run({
      ...webhook,
      ...retryOf({}),
      startedBy: [{ body: {} }],
      nodeContext,
      apiKey,
    });
    expect(retried).toMatchObject({ run_id: first?.run_id, already_placed: false });
    expect(await runs()).toHaveLength(1);
  });

  test('a Call Reference in the ledger shows the number that was called, even if its row has another number now', async () => {
    const nodeContext = {};
    const withPhone = { ...perReference, ...perItem };
    await run({ nodeContext, items: [{ id: 'lead-7', ...anna }] }, withPhone);
    const [retried] = await run(
      { ...retryOf(lead), nodeContext, items: [{ id: 'lead-7', ...ben }] },
      withPhone,
    );
    expect(retried).toMatchObject({ already_placed: true, phone_number: anna.phone });
    expect(await runs()).toHaveLength(1);
  });

  test('one Call Reference in two organizations is two calls', async () => {
    const other = await readyToCall(server);
    const items = [
      { id: 'lead-7', key: account.apiKey, agent: agent.uuid },
      { id: 'lead-7', key: other.account.apiKey, agent: other.agent.uuid },
    ];
    const placed = await run(
      { items, credentialOfItem: (itemIndex) => ({ apiKey: items[itemIndex]?.key ?? '' }) },
      { ...perReference, agent: { __rl: true, mode: 'agentUuid', value: '={{ $json.agent }}' } },
    );
    expect(placed).toMatchObject([{ already_placed: false }, { already_placed: false }]);
  });

  test('a Call Reference whose call the carrier refused is refused again, whatever the variables say', async () => {
    const refused = { ...perReference, phoneNumber: '+15005550001', specifyVariables: 'json' };
    const items = [{ id: 'lead-7' }];
    for (const at of ['12:00', '12:05']) {
      await expect(
        run({ items, executionId: at }, { ...refused, jsonVariables: JSON.stringify({ at }) }),
      ).rejects.toThrow('sandbox: this number fails to dial');
    }
    expect(await runs()).toHaveLength(1);
  });

  test.each([
    ['one after the other', {}],
    ['all at once', { options: { batching: { batch: { batchSize: 10, batchInterval: 1000 } } } }],
  ])(
    'the retry of a list with one number three times places the calls that the crash prevented, %s',
    async (_name, options) => {
      const [first] = await run({ items: [anna], startedBy: [lead], executionId: '231' }, perItem);
      const retried = await run({ ...retryOf(lead), items: [anna, anna, anna] }, { ...perItem, ...options });
      expect(retried.map(({ already_placed }) => already_placed)).toEqual([true, false, false]);
      expect(retried[0]?.run_id).toBe(first?.run_id);
      expect(await runs()).toHaveLength(3);
    },
  );

  test('a retry that cannot read the list of calls fails and calls nobody', async () => {
    await crashed([lead]);
    proxy.isListBroken = true;
    await expect(run({ startedBy: [lead], executionId: '232', mode: 'retry' })).rejects.toThrow(
      'An earlier try of this call may have been placed, so it was not placed now.',
    );
    expect(await runs()).toHaveLength(1);
  });

  test('a refused call does not count: its retry calls', async () => {
    const refused = { phoneNumber: '+15005550001' };
    await expect(run({ startedBy: [lead] }, refused)).rejects.toThrow('Failed to initiate call');
    await expect(run({ startedBy: [lead], executionId: '232', mode: 'retry' }, refused)).rejects.toThrow(
      'Failed to initiate call',
    );
    expect(await runs()).toHaveLength(2);
  });

  test('another execution that is not a retry places another call', async () => {
    await run({ startedBy: [lead], executionId: '231' });
    await run({ startedBy: [lead], executionId: '232' });
    expect(await runs()).toHaveLength(2);
  });

  test('a repeated tool call of a model calls once, and its result has already_placed', async () => {
    const nodeContext = {};
    const [first] = await run({ nodeContext, asTool: true });
    const [second] = await run({ nodeContext, asTool: true, runIndex: 1 });
    expect(first).toMatchObject({ already_placed: false });
    expect(second).toMatchObject({ run_id: first?.run_id, already_placed: true });
    expect(await runs()).toHaveLength(1);
  });

  describe('with a Call Reference', () => {
    const people = [{ id: 'lead-7' }, { id: 'lead-7' }, { id: 'lead-8' }, { id: 'lead-7' }];

    test.each([
      ['one after the other', {}],
      ['all at once', { options: { batching: { batch: { batchSize: 10, batchInterval: 1000 } } } }],
    ])('one person three times in a list is called once, %s', async (_name, options) => {
      const placed = await run({ items: people }, { ...perReference, ...options });
      expect(placed.map(({ already_placed }) => already_placed)).toEqual([false, true, false, true]);
      expect(new Set([placed[0]?.run_id, placed[1]?.run_id, placed[3]?.run_id]).size).toBe(1);
      expect(await runs()).toHaveLength(2);
    });

    test('another execution returns the current state of the call, even with other variables', async () => {
      const items = [{ id: 'Müller 7' }];
      const [first] = await run({ items }, perReference);
      await server.advance(5000);
      const named = (value: string) => ({
        specifyVariables: 'keypair',
        variables: { parameters: [{ name: 'day', value }] },
      });
      for (const executionId of ['232', '233']) {
        const again = await run({ items, executionId }, { ...perReference, ...named(executionId) });
        expect(again).toMatchObject([
          { run_id: first?.run_id, already_placed: true, status: 'completed', phone_number: number },
        ]);
      }
      expect(await runs()).toHaveLength(1);
    });

    test('Place and Wait continues with the result of the earlier call', async () => {
      const items = [{ id: 'lead-7' }];
      const [first] = await run({ items }, perReference);
      await server.advance(5000);
      const again = await run({ items, executionId: '232' }, { ...perReference, operation: 'placeAndWait' });
      expect(again).toMatchObject([{ run_id: first?.run_id, already_placed: true, status: 'completed' }]);
      expect(await runs()).toHaveLength(1);
    });

    test('a reference is kept for 29 days, and calls again after 31', async () => {
      const items = [{ id: 'lead-7' }];
      await run({ items }, perReference);
      const now = jest.spyOn(Date, 'now');
      const later = async (days: number) => {
        await server.advance(days * 24 * 3_600_000);
        now.mockReturnValue(server.clock.now().getTime());
        return run({ items, executionId: '232' }, perReference);
      };
      try {
        expect(await later(29)).toMatchObject([{ already_placed: true }]);
        expect(await later(2)).toMatchObject([{ already_placed: false }]);
      } finally {
        now.mockRestore();
      }
      expect(await runs()).toHaveLength(2);
    });

    test.each([
      ['nothing', '', 'enter what names the call'],
      ['300 characters', 'x'.repeat(300), 'enter a shorter text'],
      ['half a character', 'lead \ud83d', 'enter a shorter text'],
    ])('%s is not a valid reference, and calls nobody', async (_name, id, message) => {
      await expect(run({ items: [{ id }] }, perReference)).rejects.toThrow(message);
      expect(await runs()).toHaveLength(0);
    });
  });

  test('an execution that a queue restarts fails at every try with an error that names its call', async () => {
    await run();
    const [first] = await runs();
    const message = `This call was placed before, by an execution with the same ID: run ID ${String(first)}.`;
    const nodeContext = {};
    await expect(run({ nodeContext })).rejects.toThrow(message);
    await expect(run({ nodeContext })).rejects.toThrow(message);
    expect(await runs()).toHaveLength(1);
  });

  if (isPlain) {
    test('a Call Reference with another number calls that number, as the README says, because a search covers one number', async () => {
      await run({ items: [{ id: 'lead-7', ...anna }] }, { ...perReference, ...perItem });
      await run({ items: [{ id: 'lead-7', ...ben }], executionId: '232' }, { ...perReference, ...perItem });
      expect(await runs()).toHaveLength(2);
    });
    return;
  }

  test('a Call Reference with another number calls nobody, and the output has the number that was called', async () => {
    const [first] = await run({ items: [{ id: 'lead-7', ...anna }] }, { ...perReference, ...perItem });
    const items = [{ id: 'lead-7', ...ben }];
    expect(await run({ items, executionId: '232' }, { ...perReference, ...perItem })).toMatchObject([
      { run_id: first?.run_id, already_placed: true, phone_number: anna.phone },
    ]);
    expect(await runs()).toHaveLength(1);
  });

  test('a refused Call Reference is refused again, even with another number', async () => {
    const withPhone = { ...perReference, ...perItem };
    const refused = { id: 'lead-7', phone: '+15005550001' };
    const reason = 'this number fails to dial';
    await expect(run({ items: [refused] }, withPhone)).rejects.toThrow(reason);
    const corrected = { items: [{ id: 'lead-7', ...anna }], executionId: '232' };
    await expect(run(corrected, withPhone)).rejects.toThrow(reason);
    expect(await runs()).toHaveLength(1);
  });

  test('an unreadable list does not prevent a call, because the key protects it', async () => {
    proxy.isListBroken = true;
    expect(await run()).toMatchObject([{ already_placed: false }]);
    await expect(run()).rejects.toThrow('This call was placed before');
    expect(await runs()).toHaveLength(1);
  });

  test('after a lost reply the call counts as placed by the item itself', async () => {
    proxy.losses = ['reply lost'];
    expect(await run()).toMatchObject([{ already_placed: false, status: 'initiated' }]);
    expect(await runs()).toHaveLength(1);
  });
});
