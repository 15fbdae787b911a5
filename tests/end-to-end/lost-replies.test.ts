/**
 * Lost requests and replies on the way to the real server, with its extensions and as plain Dograh, and repeats by
 * clients without memory. The calls are counted at the server.
 */
import { TriggerClient, type CallRequest, type TriggerClientOptions } from '@dograh-trigger/shared';
import { axiosTransport } from '@dograh-trigger/shared/axios';
import { Dograh } from '../../n8n-node/nodes/Dograh/Dograh.node';
import { readyToCall, type TestAgent } from '../support/agents';
import { rejectionOf } from '../support/caught';
import { startDroppingProxy, type DroppingProxy } from '../support/dropping-proxy';
import { n8nContext } from '../support/n8n-context';
import { startTestServer, type Account, type TestServer } from '../support/test-server';

// Replaces the client's pause before it searches for a call, so that no test waits.
jest.mock('n8n-workflow', () => ({
  ...jest.requireActual<object>('n8n-workflow'),
  sleep: () => Promise.resolve(),
}));

const number = '+14155550100';

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
  });
  afterAll(() => server.close());

  beforeEach(async () => {
    proxy = await startDroppingProxy(server.baseUrl);
    ({ account, agent } = await readyToCall(server));
  });
  afterEach(() => proxy.close());

  /** A new client. */
  function newClient(options: Partial<TriggerClientOptions> = {}): TriggerClient {
    return new TriggerClient(axiosTransport({ apiKey: account.apiKey }), {
      baseUrl: proxy.url,
      sleep: () => Promise.resolve(),
      now: () => server.clock.now().getTime(),
      ...options,
    });
  }

  function call(changes: Partial<CallRequest> = {}): CallRequest {
    const target = { agentUuid: agent.uuid };
    return { target, environment: 'production', phoneNumber: number, idempotencyKey: 'k', ...changes };
  }

  /** Sends the call once, like a host without memory. */
  function sendOnce(changes: Partial<CallRequest> = {}) {
    return newClient({ repeatsDials: false }).triggerCall(call({ earlierTry: 'possible', ...changes }));
  }

  /** The runs of the agent on the server, newest first. */
  async function runs(): Promise<number[]> {
    const client = new TriggerClient(axiosTransport({ apiKey: account.apiKey }), {
      baseUrl: server.baseUrl,
      sleep: () => Promise.resolve(),
    });
    return (await client.listCalls()).runs.map(({ id }) => id);
  }

  test('a reply that was lost and five replays are one call', async () => {
    proxy.losses = ['reply lost'];
    expect((await rejectionOf(sendOnce())).code).toBe('outcome_unknown');
    const replays = [];
    for (let replay = 1; replay <= 5; replay += 1) replays.push(await sendOnce());
    const [runId, ...others] = await runs();
    expect(others).toEqual([]);
    expect(replays).toEqual(
      Array(5).fill(expect.objectContaining({ runId, workflowId: agent.id, replayed: true })),
    );
    expect(proxy.dialled()).toBe(1);
  });

  test('a request that was lost and five replays are one call', async () => {
    proxy.losses = ['request lost'];
    expect((await rejectionOf(sendOnce())).code).toBe('outcome_unknown');
    expect(await runs()).toEqual([]);
    const replays = [];
    for (let replay = 1; replay <= 5; replay += 1) replays.push(await sendOnce());
    const [runId, ...others] = await runs();
    expect(others).toEqual([]);
    expect(replays.map((placed) => [placed.runId, placed.replayed])).toEqual([
      [runId, false],
      ...Array<[number | undefined, boolean]>(4).fill([runId, true]),
    ]);
  });

  test.each(['reply lost', 'request lost'] as const)(
    'a client that repeats requests returns the same one call after a %s, every time',
    async (loss) => {
      proxy.losses = [loss, loss];
      const placed = await newClient().triggerCall(call());
      expect(await runs()).toEqual([placed.runId]);
      expect(placed.replayed).toBe(loss === 'reply lost');
    },
  );

  test('another key, and a call without one, is another call', async () => {
    await sendOnce();
    await sendOnce({ idempotencyKey: 'l' });
    await sendOnce({ idempotencyKey: undefined });
    expect(await runs()).toHaveLength(3);
  });

  test('a call that the carrier refused is refused again without another dial', async () => {
    const changes = { phoneNumber: '+15005550001' };
    proxy.losses = ['reply lost'];
    expect((await rejectionOf(sendOnce(changes))).code).toBe('outcome_unknown');
    const error = await rejectionOf(sendOnce(changes));
    expect(await runs()).toEqual([error.runId]);
    expect(error.code).toBe('telephony');
    expect(error.message).toContain('it was not tried again');
  });

  /** One run of the node, as by Retry On Fail. */
  function place(nodeContext: object) {
    const context = n8nContext({
      baseUrl: proxy.url,
      apiKey: account.apiKey,
      parameters: {
        operation: 'place',
        agent: { __rl: true, mode: 'list', value: agent.uuid },
        phoneNumber: number,
      },
      nodeContext,
    });
    return new Dograh().execute.call(context);
  }

  test.each(['reply lost', 'request lost'] as const)(
    'the n8n node returns the one call on a retry after all tries of the first ended with a %s',
    async (loss) => {
      // The node searches the calls of the last days by its own clock.
      await server.advance(Math.max(0, Date.now() - server.clock.now().getTime()));
      const memory = {};
      // Without its list plain Dograh cannot confirm the call to the first try.
      proxy.lossBreaksList = true;
      proxy.losses = isPlain ? [loss] : [loss, loss, loss];
      await expect(place(memory)).rejects.toThrow('The call may have been placed');
      proxy.lossBreaksList = false;
      proxy.isListBroken = false;
      const [output] = await place(memory);
      expect(await runs()).toEqual([output?.[0]?.json.run_id]);
    },
  );

  if (!isPlain) return;

  test('with an unreadable list nobody is called again, and the outcome stays unknown', async () => {
    proxy.losses = ['reply lost'];
    await rejectionOf(sendOnce());
    proxy.isListBroken = true;
    for (let replay = 1; replay <= 5; replay += 1) {
      expect((await rejectionOf(sendOnce())).code).toBe('outcome_unknown');
    }
    expect((await rejectionOf(newClient().triggerCall(call({ earlierTry: 'unknown' })))).code).toBe(
      'outcome_unknown',
    );
    expect(await runs()).toHaveLength(1);
    proxy.isListBroken = false;
    expect(await sendOnce()).toMatchObject({ runId: (await runs())[0], replayed: true });
  });

  test('a call to the same number that is older than the key is another call', async () => {
    const first = await sendOnce();
    await server.advance(25 * 3_600_000);
    const second = await sendOnce();
    expect(await runs()).toEqual([second.runId, first.runId]);
    expect(await sendOnce()).toMatchObject({ runId: second.runId, replayed: true });
  });
});
