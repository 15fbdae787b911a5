/** What the node remembers of a call, and what its server can tell: together they decide whether a retry dials. */
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

// The client pauses between tries with a key; no test waits for that.
jest.mock('n8n-workflow', () => ({
  ...jest.requireActual<object>('n8n-workflow'),
  sleep: () => Promise.resolve(),
}));

const keepsKeys = { extensions: ['idempotency-key'] };

let server: StandIn;
/** The node's memory of one execution. */
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

test('on plain Dograh a call whose reply was lost is found in the list of calls: nobody is called again', async () => {
  // Nothing is listed as long as the first execution looks.
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
      // The client itself tries three times.
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
  expect(marks[0]).toMatch(/^[0-9a-f]{96}$/);
});

test('a call that Dograh’s carrier refused is answered with that again, out of the list of calls', async () => {
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
  '%s leaves nothing behind: the item says when to come again, and the retry dials',
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

test('what the bundled server’s carrier refuses leaves nothing behind: nobody’s phone rang', async () => {
  await start({
    ...keepsKeys,
    trigger: (response) => {
      replyJson(response, 400, { detail: 'Failed to initiate call: no', code: 'call_refused' });
    },
  });
  await expect(run()).rejects.toThrow('Failed to initiate call: no');
  expect(JSON.stringify(nodeContext)).not.toContain('pending');
});

test('what the bundled server’s carrier refused is told again in its words, also where a clock has changed the request', async () => {
  const bundled = await startTestServer();
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
            // The sandbox fails to dial it.
            phoneNumber: '+15005550001',
            specifyVariables: 'json',
            jsonVariables: JSON.stringify({ at }),
          },
        }),
      );
    for (const at of ['12:00:00', '12:00:05']) {
      await expect(place(at)).rejects.toThrow(/^Failed to initiate call: .*this number fails to dial/);
    }
  } finally {
    await bundled.close();
  }
});

describe('without the memory of the first try', () => {
  type Parameters = N8nContextOptions['parameters'];

  const parameters: Parameters = {
    operation: 'place',
    agent: { __rl: true, mode: 'list', value: standInAgentUuid },
    phoneNumber: '+14155550101',
    specifyVariables: 'json',
    jsonVariables: '{"name": "Jane"}',
  };
  const id = (value: number) => ({ __rl: true, mode: 'id', value });

  async function keyOf(wish: Parameters): Promise<unknown> {
    await run({ parameters: { ...parameters, ...wish }, nodeContext: {} });
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

  test('the bundled server refuses a repeat that a clock has changed, and names the run: nobody is called again', async () => {
    const bundled = await startTestServer();
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
          message: expect.stringContaining(`run ${String(firstRun)}`) as string,
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
