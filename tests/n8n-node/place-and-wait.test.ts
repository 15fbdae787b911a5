import type { IContextObject, INodeParameters } from 'n8n-workflow';
import { Dograh } from '../../n8n-node/nodes/Dograh/Dograh.node';
import { standInAgentUuid, startStandIn, type StandIn } from '../support/dograh-stand-in';
import type { ReceivedRequest } from '../support/local-server';
import { n8nContext, type N8nContextOptions } from '../support/n8n-context';

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
/** The statuses of each run, one per read; the last one repeats. */
let stories: Record<number, string[]>;

beforeEach(async () => {
  mockSlept.length = 0;
  mockWhileAsleep = () => undefined;
  stories = {};
  server = await startStandIn({
    replies: Object.fromEntries(
      [501, 502, 503].map((id) => [`GET /api/v1/workflow/0/runs/${String(id)}`, () => nextRun(id)]),
    ),
  });
});

afterEach(() => server.close());

function nextRun(id: number): object {
  const story = stories[id] ?? ['completed'];
  const status = story.length > 1 ? story.shift() : story[0];
  if (status === 'unreadable') return {};
  const isCompleted = !['initiated', 'ringing', 'answered'].includes(status ?? '');
  return {
    id,
    workflow_id: 12,
    name: `WR-API-${String(id)}`,
    mode: 'sandbox',
    created_at: '2026-08-22T03:04:05Z',
    call_type: 'outbound',
    is_completed: isCompleted,
    status,
    initial_context: { called_number: '+14155550100' },
    gathered_context: { call_disposition: isCompleted ? status : null },
  };
}

const call: INodeParameters = {
  operation: 'placeAndWait',
  agent: { __rl: true, mode: 'list', value: standInAgentUuid },
  phoneNumber: '={{ $json.phone ?? "+14155550100" }}',
};

function execute(parameters: INodeParameters, options: Partial<N8nContextOptions> = {}) {
  const credential = { baseUrl: server.url, apiKey: 'dgr_w' };
  return new Dograh().execute.call(n8nContext({ ...credential, parameters, ...options }));
}

/** The ids of the runs that were read, in order. */
function reads(): string[] {
  return server.requests.filter(isRead).map(({ url }) => url.replace(/^.*\//, ''));
}

function isRead({ url }: ReceivedRequest): boolean {
  return /\/runs\/\d+$/.test(url);
}

test('Place and Wait returns the ended call in the fields of Get', async () => {
  stories[501] = ['initiated', 'ringing', 'answered', 'completed'];
  expect(await execute(call)).toEqual([
    [
      {
        json: {
          run_id: 501,
          run_name: 'WR-API-501',
          agent_id: 12,
          already_placed: false,
          status: 'completed',
          waiting_for: null,
          due_at: null,
          reason: null,
          explanation: null,
          reference: null,
          disposition: 'completed',
          answered_by: null,
          voicemail_left: null,
          duration_seconds: null,
          phone_number: '+14155550100',
          mode: 'sandbox',
          fallback_from: null,
          context: {},
          learned: {},
          unresolved_variables: null,
          recording_url: null,
          transcript_url: null,
          utterances: [],
          utterances_omitted: 0,
        },
        pairedItem: { item: 0 },
      },
    ],
  ]);
});

test('all calls are placed first; then one loop reads the runs that have not ended', async () => {
  Object.assign(stories, {
    501: ['ringing', 'completed'],
    502: ['busy'],
    503: ['ringing', 'ringing', 'no-answer'],
  });
  const [items] = await execute(call, { items: [{}, {}, {}] });
  expect(items?.map(({ json }) => json.status)).toEqual(['completed', 'busy', 'no-answer']);
  expect(reads()).toEqual(['501', '502', '503', '501', '503', '503']);
  // Two pauses of five seconds, shared by all three, in slices.
  expect(mockSlept).toEqual(Array(10).fill(1000));
  const firstRead = server.requests.findIndex(isRead);
  expect(server.requests.slice(0, firstRead).filter(({ method }) => method === 'POST')).toHaveLength(3);
});

test('busy and no answer are results, not errors', async () => {
  stories[501] = ['busy'];
  expect(await execute(call)).toMatchObject([[{ json: { status: 'busy', disposition: 'busy' } }]]);
});

test('a call that does not end in time is an error that says that the call may continue', async () => {
  stories[501] = ['ringing'];
  const options = { maxWaitSeconds: 10, pollIntervalSeconds: 5 };
  await expect(execute({ ...call, options })).rejects.toThrow(
    /Run 501 did not end within 10 seconds.* \[item 0\]$/,
  );
  expect(mockSlept).toHaveLength(10);
});

test('or its current state is returned, if the option says so', async () => {
  stories[501] = ['ringing'];
  const options = { maxWaitSeconds: 5, whenMaxWaitIsOver: 'return' };
  expect(await execute({ ...call, options })).toMatchObject([[{ json: { run_id: 501, status: 'ringing' } }]]);
});

test('a failed last read is the error of its item only', async () => {
  Object.assign(stories, { 501: ['ringing', 'ringing', 'unreadable'], 502: ['ringing'], 503: ['completed'] });
  const parameters = { ...call, options: { maxWaitSeconds: 5, whenMaxWaitIsOver: 'return' } };
  const [items] = await execute(parameters, { items: [{}, {}, {}], onError: 'continueErrorOutput' });
  expect(items).toMatchObject([
    { json: { error: { code: 'unexpected_response', run_id: 501 } } },
    { json: { run_id: 502, status: 'ringing' } },
    { json: { run_id: 503, status: 'completed' } },
  ]);
});

test('stopping the execution ends the wait within a slice', async () => {
  const stop = new AbortController();
  stories[501] = ['ringing'];
  mockWhileAsleep = () => {
    if (mockSlept.length === 2) stop.abort();
  };
  await expect(execute(call, { cancelSignal: stop.signal })).rejects.toThrow('Canceled');
  expect(mockSlept).toEqual([1000, 1000]);
});

test('an item whose call fails ends the execution at once; the retry waits for the others without dialling', async () => {
  const nodeContext: IContextObject = {};
  const items = [{}, { phone: '12' }];
  await expect(execute(call, { items, nodeContext })).rejects.toThrow(/^Phone Number: .* \[item 1\]$/);
  expect(reads()).toEqual([]);
  const [output] = await execute(call, { items, nodeContext, continueOnFail: true });
  expect(output).toMatchObject([
    { json: { run_id: 501, status: 'completed' }, pairedItem: { item: 0 } },
    { json: { error: { message: expect.stringMatching(/^Phone Number: /) } }, pairedItem: { item: 1 } },
  ]);
  expect(server.dials()).toHaveLength(1);
});

test('an invalid limit is refused before anybody is called', async () => {
  await expect(execute({ ...call, options: { maxWaitSeconds: 0 } })).rejects.toThrow(/^Max Wait: /);
  expect(server.requests).toEqual([]);
});

test('Wait for Completion waits for calls that were placed before, all in one loop', async () => {
  Object.assign(stories, { 501: ['ringing', 'completed'], 502: ['ringing', 'failed'] });
  const parameters = { operation: 'waitForCompletion', runId: '={{ $json.run_id }}' };
  const [items] = await execute(parameters, { items: [{ run_id: 501 }, { run_id: '502' }] });
  expect(items?.map(({ json }) => json.status)).toEqual(['completed', 'failed']);
  expect(mockSlept).toHaveLength(5);
  expect(server.dials()).toEqual([]);
});

test('Wait for Completion, continuing on fail, waits for the runs that exist', async () => {
  const parameters = { operation: 'waitForCompletion', runId: '={{ $json.run_id }}' };
  const items = [{ run_id: 'x' }, { run_id: 501 }, { run_id: 999 }];
  expect(await execute(parameters, { items, continueOnFail: true })).toMatchObject([
    [
      { json: { error: { message: expect.stringMatching(/^Run ID: /) } } },
      { json: { run_id: 501, status: 'completed' } },
      { json: { error: { message: expect.stringContaining('Workflow run not found'), run_id: 999 } } },
    ],
  ]);
});
