import type { ServerResponse } from 'node:http';
import type { IContextObject, IDataObject, INodeExecutionData } from 'n8n-workflow';
import { Dograh } from '../../n8n-node/nodes/Dograh/Dograh.node';
import {
  breakConnection,
  breakListOnceDialled,
  replyPlaced,
  standInAgentUuid,
  startStandIn,
  type StandIn,
  type StandInOptions,
} from '../support/dograh-stand-in';
import { replyJson } from '../support/local-server';
import { n8nContext, type N8nContextOptions } from '../support/n8n-context';

// Replaces the client's pauses between tries, so that no test waits.
jest.mock('n8n-workflow', () => ({
  ...jest.requireActual<object>('n8n-workflow'),
  sleep: () => Promise.resolve(),
}));

const keepsKeys = { extensions: ['idempotency-key'] };

let server: StandIn;
/** The node's ledger of one execution. */
let nodeContext: IContextObject;

beforeEach(() => {
  nodeContext = {};
});

afterEach(() => server.close());

async function start(options: StandInOptions): Promise<void> {
  server = await startStandIn(options);
}

/** One run of the node by the engine, with every item. */
function run(options: Partial<N8nContextOptions> = {}): Promise<INodeExecutionData[][]> {
  const parameters = {
    operation: 'place',
    agent: { __rl: true, mode: 'list', value: standInAgentUuid },
    phoneNumber: '={{ $json.phone }}',
  };
  const items: IDataObject[] = [{ phone: '+14155550101' }];
  const context = n8nContext({
    baseUrl: server.url,
    apiKey: 'dgr_l',
    parameters,
    items,
    nodeContext,
    ...options,
  });
  return new Dograh().execute.call(context);
}

/** The dialled numbers, in order. */
function dialled(): unknown[] {
  return server.dials().map(({ body }) => (JSON.parse(body.toString('utf8')) as IDataObject).phone_number);
}

function keys(): unknown[] {
  return server.dials().map(({ headers }) => headers['idempotency-key']);
}

const items: IDataObject[] = [
  { phone: '+14155550101' },
  { phone: '+14155550102' },
  { phone: '+14155550103' },
];

/** Twice answers 429 for the last of three items; then all slots are free. */
function busyTwiceAtTheThird(response: ServerResponse, count: number): void {
  if (count === 3 || count === 4) replyJson(response, 429, { detail: 'Concurrent call limit reached' });
  else replyPlaced(response, count);
}

test('Retry On Fail, stopping on error, dials each item once and repeats only the refused one', async () => {
  await start({ trigger: busyTwiceAtTheThird });
  await expect(run({ items })).rejects.toThrow('Concurrent call limit reached');
  await expect(run({ items })).rejects.toThrow('Concurrent call limit reached');
  const [output] = await run({ items });
  expect(output).toMatchObject([
    { json: { run_id: 501 } },
    { json: { run_id: 502 } },
    { json: { run_id: 505 } },
  ]);
  expect(dialled()).toEqual(['+14155550101', '+14155550102', '+14155550103', '+14155550103', '+14155550103']);
});

test('Retry On Fail, continuing on error, returns the placed calls again without dialling', async () => {
  await start({
    trigger: (response, count) => {
      if (count === 1) replyJson(response, 429, { detail: 'Concurrent call limit reached' });
      else replyPlaced(response, count);
    },
  });
  await run({ items, continueOnFail: true });
  const [output] = await run({ items, continueOnFail: true });
  expect(output).toMatchObject([
    { json: { run_id: 504 } },
    { json: { run_id: 502 } },
    { json: { run_id: 503 } },
  ]);
  expect(dialled()).toEqual(['+14155550101', '+14155550102', '+14155550103', '+14155550101']);
});

test('a retry from the editor, another execution with the saved ledger, dials nobody twice', async () => {
  await start({ trigger: busyTwiceAtTheThird });
  await expect(run({ items })).rejects.toThrow('Concurrent call limit reached');
  const saved = JSON.parse(JSON.stringify(nodeContext)) as IContextObject;
  await expect(run({ items, nodeContext: saved, executionId: '232' })).rejects.toThrow('[item 2]');
  expect(dialled()).toEqual(['+14155550101', '+14155550102', '+14155550103', '+14155550103']);
});

test('the ledger entry is "pending" while the request is on its way', async () => {
  let duringTheRequest = '';
  await start({
    trigger: (response, count) => {
      duringTheRequest = JSON.stringify(nodeContext);
      replyPlaced(response, count);
    },
  });
  await run();
  expect(duringTheRequest).toContain('"state":"pending"');
  expect(JSON.stringify(nodeContext)).not.toContain('pending');
});

test('the ledger contains no phone number', async () => {
  await start({});
  await run();
  expect(JSON.stringify(nodeContext)).toContain('"runId":501');
  expect(JSON.stringify(nodeContext)).not.toContain('4155550101');
});

test.each([
  ['a broken connection', breakConnection],
  [
    'a 504',
    (response: ServerResponse) => {
      replyJson(response, 504, { detail: 'The carrier did not answer in time' });
    },
  ],
  [
    'a carrier that may have been reached',
    (response: ServerResponse) => {
      replyJson(response, 400, { detail: 'Failed to initiate call: ' });
    },
  ],
])(
  'when plain Dograh’s list of calls cannot be read after %s, a retry does not dial, and its error says why',
  async (_what, trigger) => {
    await start({ trigger, list: breakListOnceDialled });
    const first: unknown = await run().catch((error: unknown) => error);
    const reason = first instanceof Error ? first.message.replace(' [item 0]', '') : '';
    await expect(run()).rejects.toThrow(/^An earlier try of this call may have been placed, so it was not/);
    await expect(run()).rejects.toThrow(reason);
    expect(server.dials()).toHaveLength(1);
  },
);

test('when the server is unreachable on the retry, the message is still about the earlier try', async () => {
  await start({ trigger: breakConnection });
  await expect(run()).rejects.toThrow('The call may have been placed');
  const { url } = server;
  await server.close();
  await expect(run({ baseUrl: url })).rejects.toThrow(/^An earlier try of this call may have been placed/);
  await start({});
});

test('a server that keeps keys receives the same key on a retry, even from the editor', async () => {
  await start({
    ...keepsKeys,
    trigger: (response, count) => {
      // The client itself makes three tries.
      if (count <= 3) breakConnection(response);
      else replyPlaced(response, count, { 'idempotency-replayed': 'true' });
    },
  });
  await expect(run()).rejects.toThrow('The call may have been placed');
  const [output] = await run({ executionId: '232' });
  expect(output).toMatchObject([{ json: { run_id: 504 } }]);
  expect(new Set(keys()).size).toBe(1);
  expect(keys()).toHaveLength(4);
});

test('after an unknown outcome a retry keeps the key, even after a refusal', async () => {
  await start({
    ...keepsKeys,
    trigger: (response, count) => {
      if (count <= 3) breakConnection(response);
      else if (count === 4) replyJson(response, 401, { detail: 'Invalid API key' });
      else replyPlaced(response, count);
    },
  });
  await expect(run()).rejects.toThrow('The call may have been placed');
  await expect(run()).rejects.toThrow('Invalid API key');
  await run({ executionId: '232' });
  expect(new Set(keys()).size).toBe(1);
});

test.each<[number, string]>([
  [400, 'Telephony provider not configured for this organization'],
  [401, 'Invalid API key'],
  [402, 'Dograh credits exhausted'],
  [404, 'Agent trigger not found'],
  [409, 'Workflow has no execution owner'],
  [429, 'Concurrent call limit reached'],
])('a %i before the dial leaves no ledger entry: the retry dials', async (status, detail) => {
  await start({
    trigger: (response, count) => {
      if (count === 1) replyJson(response, status, { detail });
      else replyPlaced(response, count);
    },
  });
  await expect(run()).rejects.toThrow(detail);
  expect(await run()).toMatchObject([[{ json: { run_id: 502 } }]]);
});

test('the next round of a loop places another call, with another key', async () => {
  await start({});
  await run({ runIndex: 0 });
  await run({ runIndex: 1 });
  expect(server.dials()).toHaveLength(2);
  expect(new Set(keys()).size).toBe(2);
});

test('another environment makes it another call; another wait option does not', async () => {
  await start({});
  const parameters = {
    operation: 'place',
    agent: { __rl: true, mode: 'list', value: standInAgentUuid },
    phoneNumber: '+14155550101',
  };
  await run({ parameters });
  await run({ parameters: { ...parameters, environment: 'test' } });
  await run({ parameters: { ...parameters, options: { busyWaitSeconds: 5, requestTimeoutSeconds: 9 } } });
  expect(server.dials().map(({ url }) => url)).toEqual([
    `/api/v1/public/agent/workflow/${standInAgentUuid}`,
    `/api/v1/public/agent/test/workflow/${standInAgentUuid}`,
  ]);
});

describe('an expression with a new value in each try does not make it another call', () => {
  /** One try with these values, as `$now` and a rotating list would yield them. */
  function runWith(time: string, callerId: number | '', options: Partial<N8nContextOptions> = {}) {
    const parameters = {
      operation: 'place',
      agent: { __rl: true, mode: 'list', value: standInAgentUuid },
      phoneNumber: '={{ $json.phone }}',
      specifyVariables: 'json',
      jsonVariables: '={{ { time: $json.time } }}',
      options: { callerId: { __rl: true, mode: 'id', value: '={{ $json.callerId }}' } },
    };
    const timed = items.slice(0, 2).map((item) => ({ ...item, time, callerId }));
    return run({ parameters, items: timed, ...options });
  }

  test('a retry dials only the item that was refused', async () => {
    await start({
      trigger: (response, count) => {
        if (count === 2) replyJson(response, 429, { detail: 'Concurrent call limit reached' });
        else replyPlaced(response, count);
      },
    });
    await expect(runWith('12:00', 7)).rejects.toThrow('[item 1]');
    await runWith('12:01', 8);
    expect(dialled()).toEqual(['+14155550101', '+14155550102', '+14155550102']);
  });

  test('when plain Dograh’s list of calls cannot be read, an item with an unknown outcome is not dialled again', async () => {
    await start({ trigger: breakConnection, list: breakListOnceDialled });
    await expect(runWith('12:00', 7)).rejects.toThrow('The call may have been placed');
    await expect(runWith('12:01', 8)).rejects.toThrow('An earlier try of this call may have been placed');
    expect(server.dials()).toHaveLength(1);
  });

  test('a server that keeps keys receives the first request again unchanged, even from the editor', async () => {
    await start({
      ...keepsKeys,
      trigger: (response, count) => {
        if (count <= 3) breakConnection(response);
        else replyPlaced(response, count);
      },
    });
    // Without a caller ID, which is then missing in the saved ledger.
    await expect(runWith('12:00', '')).rejects.toThrow('The call may have been placed');
    const saved = JSON.parse(JSON.stringify(nodeContext)) as IContextObject;
    await runWith('12:01', 8, { nodeContext: saved, executionId: '232' });
    const toTheFirst = server.dials().filter(({ body }) => body.includes('+14155550101'));
    expect(toTheFirst).toHaveLength(4);
    expect(new Set(toTheFirst.map(({ body }) => body.toString())).size).toBe(1);
    expect(new Set(toTheFirst.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
  });
});

describe('as the tool of an AI agent, where every try is another run of the node', () => {
  test('when plain Dograh’s list of calls cannot be read, a call with an unknown outcome is not repeated in any run', async () => {
    await start({ trigger: breakConnection, list: breakListOnceDialled });
    await expect(run({ asTool: true })).rejects.toThrow('The call may have been placed');
    await expect(run({ asTool: true, runIndex: 1 })).rejects.toThrow('An earlier try of this call');
    await expect(run({ asTool: true, runIndex: 2 })).rejects.toThrow('An earlier try of this call');
    expect(server.dials()).toHaveLength(1);
  });

  test('a server that keeps keys receives the same key again', async () => {
    await start({
      ...keepsKeys,
      trigger: (response, count) => {
        if (count <= 3) breakConnection(response);
        else replyPlaced(response, count);
      },
    });
    await expect(run({ asTool: true })).rejects.toThrow('The call may have been placed');
    expect(await run({ asTool: true, runIndex: 1 })).toMatchObject([[{ json: { run_id: 504 } }]]);
    expect(new Set(keys()).size).toBe(1);
  });

  test('an unknown outcome does not prevent a call to another number', async () => {
    await start({
      trigger: (response, count) => {
        if (count <= 3) breakConnection(response);
        else replyPlaced(response, count);
      },
    });
    await expect(run({ asTool: true })).rejects.toThrow('The call may have been placed');
    const other = { asTool: true, runIndex: 1, items: [{ phone: '+14155550102' }] };
    expect(await run(other)).toMatchObject([[{ json: { run_id: 504 } }]]);
  });
});

test('the same number in two items is dialled twice', async () => {
  await start({});
  await run({ items: [{ phone: '+14155550101' }, { phone: '+14155550101' }] });
  expect(dialled()).toEqual(['+14155550101', '+14155550101']);
});

test('when plain Dograh’s list of calls cannot be read, nothing is dialled, because another worker may have placed the call', async () => {
  await start({ list: null });
  await expect(run()).rejects.toThrow(
    'An earlier try of this call may have been placed, so it was not placed now.',
  );
  expect(server.dials()).toEqual([]);
});

test('an execution that a queue restarts without its ledger sends the same key', async () => {
  await start(keepsKeys);
  await run();
  await run({ nodeContext: {} });
  expect(new Set(keys()).size).toBe(1);
});
