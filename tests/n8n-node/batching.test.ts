import type { ServerResponse } from 'node:http';
import type { INodeParameters } from 'n8n-workflow';
import { Dograh } from '../../n8n-node/nodes/Dograh/Dograh.node';
import { replyPlaced, standInAgentUuid, startStandIn, type StandIn } from '../support/dograh-stand-in';
import { replyJson } from '../support/local-server';
import { n8nContext, type N8nContextOptions } from '../support/n8n-context';

/** The durations of n8n's own sleep in milliseconds, and a hook that runs during it. */
const mockSlept: number[] = [];
let mockWhileAsleep: () => Promise<void> | undefined;
jest.mock('n8n-workflow', () => ({
  ...jest.requireActual<object>('n8n-workflow'),
  sleep: async (milliseconds: number) => {
    mockSlept.push(milliseconds);
    await mockWhileAsleep();
  },
}));

let server: StandIn;
/** Trigger requests without an answer yet. */
let waiting: (() => void)[];

beforeEach(() => {
  mockSlept.length = 0;
  mockWhileAsleep = () => undefined;
  waiting = [];
});

afterEach(() => server.close());

function place(batch: INodeParameters | null, count: number, options: Partial<N8nContextOptions> = {}) {
  const parameters = {
    operation: 'place',
    agent: { __rl: true, mode: 'list', value: standInAgentUuid },
    phoneNumber: '+14155550100',
    options: batch === null ? {} : { batching: { batch } },
  };
  const items = Array.from({ length: count }, () => ({}));
  const context = n8nContext({ baseUrl: server.url, apiKey: 'dgr_b', parameters, items, ...options });
  return new Dograh().execute.call(context);
}

/** Answers trigger requests when `together` of them are waiting. */
async function startAnswering(together: number): Promise<void> {
  server = await startStandIn({
    trigger: (response, count) => {
      waiting.push(() => {
        replyPlaced(response, count);
      });
      if (waiting.length === together) for (const answer of waiting.splice(0)) answer();
    },
  });
}

test('the calls of a batch are placed at once, with outputs in the order of the items', async () => {
  await startAnswering(3);
  const [items] = await place({ batchSize: 3, batchInterval: 0 }, 6);
  expect(items?.map(({ pairedItem }) => pairedItem)).toEqual([0, 1, 2, 3, 4, 5].map((item) => ({ item })));
  expect(server.dials()).toHaveLength(6);
  expect(mockSlept).toEqual([]);
});

test('the node sleeps for the interval between two batches, in slices of at most a second, but not after the last', async () => {
  await startAnswering(1);
  await place({ batchSize: 2, batchInterval: 1500 }, 5);
  expect(mockSlept).toEqual([1000, 500, 1000, 500]);
});

test('with an interval the next batch starts even if the one before is not answered', async () => {
  await startAnswering(4);
  const [items] = await place({ batchSize: 2, batchInterval: 100 }, 4);
  expect(items).toHaveLength(4);
});

test.each<[string, INodeParameters | null]>([
  ['without the option', null],
  ['with a batch size of -1', { batchSize: -1, batchInterval: 500 }],
])('%s each call is placed when the one before was accepted', async (_what, batch) => {
  let inProgress = 0;
  let most = 0;
  server = await startStandIn({
    trigger: (response, count) => {
      inProgress += 1;
      most = Math.max(most, inProgress);
      response.on('finish', () => (inProgress -= 1));
      replyPlaced(response, count);
    },
  });
  await place(batch, 5);
  expect(most).toBe(1);
  expect(mockSlept).toEqual([]);
});

function refuseTheSecond(response: ServerResponse, count: number): void {
  if (count === 2) replyJson(response, 404, { detail: 'Agent trigger not found' });
  else replyPlaced(response, count);
}

test('after a failed item no further batch starts', async () => {
  server = await startStandIn({ trigger: refuseTheSecond });
  await expect(place({ batchSize: 2, batchInterval: 0 }, 6)).rejects.toThrow(
    /Agent trigger not found.* \[item \d\]$/,
  );
  expect(server.dials()).toHaveLength(2);
});

test('continuing on fail, all batches start', async () => {
  server = await startStandIn({ trigger: refuseTheSecond });
  const [items] = await place({ batchSize: 2, batchInterval: 0 }, 6, { continueOnFail: true });
  expect(items).toHaveLength(6);
  expect(items?.filter(({ json }) => 'error' in json)).toHaveLength(1);
});

test('stopping the execution during the interval prevents all further calls', async () => {
  const stop = new AbortController();
  let dialled = (): void => undefined;
  const firstDial = new Promise<void>((resolve) => (dialled = resolve));
  server = await startStandIn({
    trigger: (response, count) => {
      replyPlaced(response, count);
      dialled();
    },
  });
  mockWhileAsleep = async () => {
    await firstDial;
    stop.abort();
  };
  await place({ batchSize: 1, batchInterval: 5000 }, 4, { cancelSignal: stop.signal, continueOnFail: true });
  expect(mockSlept).toEqual([1000]);
  expect(server.dials()).toHaveLength(1);
});

test('a thousand items in batches are a thousand dials, and no more when the node runs again', async () => {
  server = await startStandIn();
  const nodeContext = {};
  const batch = { batchSize: 50, batchInterval: 0 };
  await place(batch, 1000, { nodeContext });
  const [items] = await place(batch, 1000, { nodeContext });
  expect(items).toHaveLength(1000);
  expect(server.dials()).toHaveLength(1000);
});
