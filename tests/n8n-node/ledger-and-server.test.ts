/** Whether a retry dials depends on the node's ledger and on the server's answer. */
import type { IContextObject, INodeExecutionData } from 'n8n-workflow';
import { callMarker, type TriggerRequest } from '@dograh-trigger/shared';
import { Dograh } from '../../n8n-node/nodes/Dograh/Dograh.node';
import {
  breakConnection,
  listedCall,
  replyList,
  replyPlaced,
  standInAgentUuid,
  startStandIn,
  type StandIn,
  type StandInOptions,
} from '../support/dograh-stand-in';
import { replyJson } from '../support/local-server';
import { readyToCall } from '../support/agents';
import { n8nContext, type N8nContextOptions } from '../support/n8n-context';
import { startTestServer } from '../support/test-server';

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

/** One try of the node for one item. */
function run(options: Partial<N8nContextOptions> = {}): Promise<INodeExecutionData[][]> {
  const parameters = {
    operation: 'place',
    agent: { __rl: true, mode: 'list', value: standInAgentUuid },
    phoneNumber: '+14155550101',
  };
  const context = n8nContext({ baseUrl: server.url, apiKey: 'dgr_l', parameters, nodeContext, ...options });
  return new Dograh().execute.call(context);
}

function keys(): unknown[] {
  return server.dials().map(({ headers }) => headers['idempotency-key']);
}

test('on plain Dograh a call whose reply was lost is found in the list of calls, and not placed again', async () => {
  // The list is empty while the first execution searches.
  let isListed = false;
  await start({
    trigger: breakConnection,
    list: (response, dials) => {
      replyList(response, isListed ? dials.map(listedCall) : []);
    },
  });
  await expect(run()).rejects.toThrow('The call may have been placed');
  const dialled = server.dials().length;
  isListed = true;
  const saved = JSON.parse(JSON.stringify(nodeContext)) as IContextObject;
  const [output] = await run({ nodeContext: saved, executionId: '232' });
  expect(output).toMatchObject([{ json: { run_id: 501, agent_id: 12, status: 'initiated' } }]);
  await run({ nodeContext: saved, executionId: '232' });
  expect(server.dials()).toHaveLength(dialled);
});

test('on plain Dograh a call that is not in the list of calls is placed by the retry, with the same mark', async () => {
  await start({
    trigger: (response, count) => {
      // The client itself makes three tries.
      if (count <= 3) breakConnection(response);
      else replyPlaced(response, count);
    },
    list: (response) => {
      replyList(response, []);
    },
  });
  await expect(run()).rejects.toThrow('The call may have been placed');
  expect(await run({ executionId: '232' })).toMatchObject([[{ json: { run_id: 504 } }]]);
  expect(new Set(keys()).size).toBe(1);
  const marks = server.dials().map(({ body }) => {
    const { initial_context: context } = JSON.parse(body.toString('utf8')) as TriggerRequest;
    return context?.[callMarker];
  });
  expect(new Set(marks).size).toBe(1);
  expect(marks[0]).toMatch(/^[0-9a-f]{64}$/);
});

test('the retry of a call that Dograh’s carrier refused has the same error, found in the list of calls', async () => {
  const error = 'Failed to initiate call: timed out';
  await start({
    trigger: (response) => {
      replyJson(response, 400, { detail: error });
    },
    list: (response, dials) => {
      const gathered = { error, call_disposition: 'error', mapped_call_disposition: 'error' };
      const rows = dials.map((dial, index) => ({ ...listedCall(dial, index), gathered_context: gathered }));
      replyList(response, rows);
    },
  });
  await expect(run()).rejects.toThrow(error);
  await expect(run()).rejects.toThrow(
    /^Failed to initiate call: timed out\. An earlier try of this call had this answer/,
  );
  expect(server.dials()).toHaveLength(1);
});

test.each([
  ['a carrier that is away', 400, 'carrier_unreachable'],
  ['a carrier that is busy', 400, 'carrier_busy'],
  ['a server that stops', 503, 'draining'],
  ['a database that takes nothing', 503, 'database_unavailable'],
])(
  '%s leaves no ledger entry: the item’s error says when to retry, and the retry dials',
  async (_, status, code) => {
    await start({
      ...keepsKeys,
      trigger: (response, count) => {
        if (count === 1) replyJson(response, status, { detail: 'Away.', code }, { 'retry-after': '30' });
        else replyPlaced(response, count);
      },
    });
    await expect(run()).rejects.toThrow('Away. This call was not placed: try again in 30 seconds.');
    expect(JSON.stringify(nodeContext)).not.toContain('pending');
    expect(await run()).toMatchObject([[{ json: { run_id: 502 } }]]);
  },
);

test('a refusal of the bundled server’s carrier leaves no ledger entry, because no phone rang', async () => {
  await start({
    ...keepsKeys,
    trigger: (response) => {
      replyJson(response, 400, { detail: 'Failed to initiate call: no', code: 'call_refused' });
    },
  });
  await expect(run()).rejects.toThrow('Failed to initiate call: no');
  expect(JSON.stringify(nodeContext)).not.toContain('pending');
});

test('the retry of a call that the bundled server’s carrier refused has the same error, even when an expression has changed the request', async () => {
  const bundled = await startTestServer();
  // The node searches calls of the last day by its own clock.
  await bundled.advance(Math.max(0, Date.now() - bundled.clock.now().getTime()));
  try {
    const { account, agent } = await readyToCall(bundled);
    const memory: IContextObject = {};
    const place = (at: string) =>
      new Dograh().execute.call(
        n8nContext({
          baseUrl: bundled.baseUrl,
          apiKey: account.apiKey,
          nodeContext: memory,
          parameters: {
            operation: 'place',
            agent: { __rl: true, mode: 'list', value: agent.uuid },
            // The sandbox's magic number for a failed dial.
            phoneNumber: '+15005550001',
            specifyVariables: 'json',
            jsonVariables: JSON.stringify({ at }),
          },
        }),
      );
    for (const at of ['12:00:00', '12:00:05']) {
      await expect(place(at)).rejects.toThrow('sandbox: this number fails to dial');
    }
  } finally {
    await bundled.close();
  }
});

describe('without the ledger of the first try', () => {
  type Parameters = N8nContextOptions['parameters'];

  const parameters: Parameters = {
    operation: 'place',
    agent: { __rl: true, mode: 'list', value: standInAgentUuid },
    phoneNumber: '+14155550101',
    specifyVariables: 'json',
    jsonVariables: '{"name": "Jane"}',
  };
  const id = (value: number) => ({ __rl: true, mode: 'id', value });

  async function keyOf(changes: Parameters): Promise<unknown> {
    await run({ parameters: { ...parameters, ...changes }, nodeContext: {} });
    return keys().at(-1);
  }

  test.each<[string, Parameters]>([
    ['number', { phoneNumber: '+14155550102' }],
    ['environment', { environment: 'test' }],
  ])('another %s has another key', async (_field, change) => {
    await start({});
    const key = await keyOf({});
    expect(await keyOf({})).toBe(key);
    expect(await keyOf(change)).not.toBe(key);
  });

  test.each<[string, Parameters]>([
    ['a variable with a clock in it', { jsonVariables: '{"name": "Jane", "at": "2026-11-28T12:00:01Z"}' }],
    ['another caller ID', { options: { callerId: id(6) } }],
    ['another telephony configuration', { options: { telephonyConfiguration: id(5) } }],
  ])('%s has no other key', async (_field, change) => {
    await start({});
    expect(await keyOf(change)).toBe(await keyOf({}));
  });

  test('a repeat with a changed request is an error that names the run, and calls nobody again', async () => {
    const bundled = await startTestServer();
    await bundled.advance(Math.max(0, Date.now() - bundled.clock.now().getTime()));
    try {
      const { account, agent } = await readyToCall(bundled);
      const place = (jsonVariables: string) =>
        new Dograh().execute.call(
          n8nContext({
            baseUrl: bundled.baseUrl,
            apiKey: account.apiKey,
            onError: 'continueRegularOutput',
            parameters: {
              ...parameters,
              agent: { __rl: true, mode: 'list', value: agent.uuid },
              jsonVariables,
            },
          }),
        );
      const [[first] = []] = await place('{"at": "12:00:00"}');
      const firstRun = Number(first?.json.run_id);
      const [[repeat] = []] = await place('{"at": "12:00:05"}');
      expect(repeat?.json).toMatchObject({
        error: {
          message: expect.stringContaining(
            `This call was placed before, by an execution with the same ID: run ID ${String(firstRun)}.`,
          ) as string,
          code: 'conflict',
          run_id: firstRun,
        },
      });
      const runs = await bundled.request
        .get(`/api/v1/workflow/${String(agent.id)}/runs`)
        .set('X-API-Key', account.apiKey)
        .expect(200);
      expect((runs.body as { total_count: number }).total_count).toBe(1);
    } finally {
      await bundled.close();
    }
  });
});
