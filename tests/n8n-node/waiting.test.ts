import type { ServerResponse } from 'node:http';
import { Dograh } from '../../n8n-node/nodes/Dograh/Dograh.node';
import { replyPlaced, standInAgentUuid, startStandIn, type StandIn } from '../support/dograh-stand-in';
import { replyJson } from '../support/local-server';
import { n8nContext } from '../support/n8n-context';

/** The durations of n8n's own sleep in milliseconds, and a hook that runs during it. */
const mockSlept: number[] = [];
let mockWhileAsleep: () => void;
jest.mock('n8n-workflow', () => ({
  ...jest.requireActual<object>('n8n-workflow'),
  sleep: (milliseconds: number) => {
    mockSlept.push(milliseconds);
    mockWhileAsleep();
    return Promise.resolve();
  },
}));

let server: StandIn;
let stop: AbortController;

beforeEach(() => {
  mockSlept.length = 0;
  mockWhileAsleep = () => undefined;
  stop = new AbortController();
});

afterEach(() => server.close());

/** A server that answers the first `busyReplies` triggers with 429 and this Retry-After. */
async function place(busyReplies: number, retryAfterSeconds: number, options: { busyWaitSeconds?: number }) {
  const trigger = (response: ServerResponse, count: number) => {
    if (count > busyReplies) replyPlaced(response, count);
    else
      replyJson(
        response,
        429,
        { detail: 'Concurrent call limit reached' },
        { 'retry-after': String(retryAfterSeconds) },
      );
  };
  server = await startStandIn({ trigger });
  const agent = { __rl: true, mode: 'list', value: standInAgentUuid };
  const parameters = { operation: 'place', agent, phoneNumber: '+14155550100', options };
  const context = n8nContext({
    baseUrl: server.url,
    apiKey: 'dgr_wait',
    parameters,
    cancelSignal: stop.signal,
  });
  return new Dograh().execute.call(context);
}

test('with Wait When Busy the node waits for a slot as long as Retry-After says, in slices of a second', async () => {
  const output = await place(1, 5, { busyWaitSeconds: 10 });
  expect(output).toMatchObject([[{ json: { run_id: 502 } }]]);
  expect(mockSlept).toEqual([1000, 1000, 1000, 1000, 1000]);
});

test('after the time of the option the server’s refusal is the error', async () => {
  await expect(place(9, 3, { busyWaitSeconds: 5 })).rejects.toThrow('Concurrent call limit reached');
  expect(mockSlept).toEqual([1000, 1000, 1000]);
  expect(server.dials()).toHaveLength(2);
});

test('without the option the node does not wait', async () => {
  await expect(place(9, 3, {})).rejects.toThrow('Concurrent call limit reached');
  expect(mockSlept).toEqual([]);
  expect(server.dials()).toHaveLength(1);
});

test('stopping the execution ends the wait within a slice, and nothing more is dialled', async () => {
  mockWhileAsleep = () => {
    if (mockSlept.length === 2) stop.abort();
  };
  await expect(place(1, 60, { busyWaitSeconds: 300 })).rejects.toThrow('Canceled');
  expect(mockSlept).toEqual([1000, 1000]);
  expect(server.dials()).toHaveLength(1);
});
