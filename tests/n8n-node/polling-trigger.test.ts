import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { DograhPollingTrigger } from '../../n8n-node/nodes/DograhPollingTrigger/DograhPollingTrigger.node';
import { replyJson, startLocalServer, type LocalServer } from '../support/local-server';
import { pollContext } from '../support/n8n-trigger-contexts';

const node = new DograhPollingTrigger();

interface Call {
  id: number;
  placedAt: Date;
  disposition: string | null;
  isCompleted: boolean;
  agentId: number;
  /** Additional fields of the bundled server, in the run and in the list. */
  extras?: object;
}

let server: LocalServer;
let staticData: IDataObject;
/** A run of plain Dograh: no status, no artifacts_ready. */
let calls: Call[];
let isDown: boolean;
let now: number;

beforeEach(async () => {
  staticData = {};
  calls = [];
  isDown = false;
  now = Date.parse('2026-08-22T12:00:00Z');
  jest.spyOn(Date, 'now').mockImplementation(() => now);
  server = await startLocalServer((request, response) => {
    const url = new URL(request.url, 'http://host');
    const run = calls.find(({ id }) => url.pathname.endsWith(`/workflow/0/runs/${String(id)}`));
    if (isDown) replyJson(response, 401, { detail: 'Invalid or expired API key' });
    else if (run) replyJson(response, 200, runOf(run));
    else if (url.pathname.endsWith('/usage/runs')) replyJson(response, 200, listOf(url.searchParams));
    else replyJson(response, 404, { detail: 'Workflow run not found' });
  });
});

afterEach(async () => {
  jest.restoreAllMocks();
  await server.close();
});

function runOf({ id, placedAt, disposition, isCompleted, agentId, extras }: Call) {
  return {
    id,
    workflow_id: agentId,
    name: `WR-API-${String(id)}`,
    mode: 'twilio',
    created_at: placedAt.toISOString(),
    call_type: 'outbound',
    is_completed: isCompleted,
    gathered_context: disposition === null ? {} : { call_disposition: disposition },
    ...extras,
  };
}

function listOf(query: URLSearchParams) {
  const since = Date.parse(query.get('start_date') ?? '1970-01-01');
  const expected = workflowIdOf(query);
  const listed = calls
    .filter(({ placedAt, agentId }) => placedAt.getTime() >= since && (expected ?? agentId) === agentId)
    .sort((a, b) => b.id - a.id);
  const page = Number(query.get('page'));
  const runs = listed
    .slice((page - 1) * 100, page * 100)
    .map(({ id, placedAt, disposition, agentId, extras }) => ({
      id,
      workflow_id: agentId,
      workflow_name: 'Sales',
      name: `WR-API-${String(id)}`,
      created_at: placedAt.toISOString().replace('Z', '+00:00'),
      dograh_token_usage: 0,
      call_duration_seconds: disposition === null ? 0 : 42,
      disposition,
      ...extras,
    }));
  const counts = { total_dograh_tokens: 0, total_duration_seconds: 0, total_count: listed.length };
  return { runs, ...counts, page, limit: 100, total_pages: Math.ceil(listed.length / 100) };
}

/** The agent that the list is filtered by, if any. */
function workflowIdOf(query: URLSearchParams): number | undefined {
  const filters = JSON.parse(query.get('filters') ?? '[]') as {
    attribute: string;
    value: { value?: number };
  }[];
  return filters.find(({ attribute }) => attribute === 'workflowId')?.value.value;
}

function place(id: number, agentId = 12): Call {
  const call = { id, placedAt: new Date(now), disposition: null, isCompleted: false, agentId };
  calls.push(call);
  return call;
}

function end(call: Call, disposition = 'user_hangup'): void {
  Object.assign(call, { disposition, isCompleted: true });
}

/** Polls a minute later and returns the runs that start the workflow. */
async function poll(
  parameters: INodeParameters = {},
  mode: 'manual' | 'trigger' = 'trigger',
): Promise<unknown[]> {
  now += 60_000;
  const options = { baseUrl: server.url, apiKey: 'dgr_p', nodeType: node, parameters, staticData };
  const output = await node.poll.call(pollContext(options, mode));
  return output?.[0]?.map(({ json }) => json.run_id) ?? [];
}

test('calls that ended before the workflow was activated do not start it', async () => {
  end(place(1));
  expect(await poll()).toEqual([]);
  expect(await poll()).toEqual([]);
});

test('nor does such a call whose disposition was set later', async () => {
  const call = place(1);
  Object.assign(call, { isCompleted: true });
  expect(await poll()).toEqual([]);
  end(call);
  expect(await poll()).toEqual([]);
  now += 10 * 60_000;
  expect(await poll()).toEqual([]);
});

test('after a change of the agent neither calls of the old agent nor earlier calls of the new one start the workflow', async () => {
  const of12 = { agent: { __rl: true, mode: 'id', value: '12' } };
  const of13 = { agent: { __rl: true, mode: 'id', value: '13' } };
  await poll(of12);
  const wasWanted = place(1, 12);
  await poll(of12);
  end(place(2, 13));
  const isWanted = place(3, 13);
  expect(await poll(of13)).toEqual([]);
  end(wasWanted);
  end(isWanted);
  expect(await poll(of13)).toEqual([3]);
  expect(await poll()).toEqual([]);
});

test('after a deactivation calls that ended in the meantime start the workflow, but not after more than a week', async () => {
  await poll();
  end(place(1));
  now += 6 * 24 * 3_600_000;
  expect(await poll()).toEqual([1]);
  end(place(2));
  now += 8 * 24 * 3_600_000;
  end(place(3));
  const goingOn = place(4);
  expect(await poll()).toEqual([]);
  end(goingOn);
  expect(await poll()).toEqual([4]);
});

test('a call that ends starts the workflow once, in the fields of Get', async () => {
  await poll();
  const call = place(1);
  expect(await poll()).toEqual([]);
  end(call);
  expect(await poll()).toEqual([1]);
  expect(await poll()).toEqual([]);
  expect(await poll()).toEqual([]);
});

test('a call in progress at the activation starts the workflow when it ends', async () => {
  const call = place(1);
  await poll();
  end(call);
  expect(await poll()).toEqual([1]);
});

test('so does a call with the status ringing at the activation', async () => {
  const call = place(1);
  call.extras = { status: 'ringing' };
  await poll();
  end(call);
  call.extras = { status: 'completed' };
  expect(await poll()).toEqual([1]);
});

test('a run that was not placed does not start the workflow', async () => {
  await poll();
  const notPlaced = place(1);
  end(notPlaced, 'failed');
  notPlaced.extras = { status: 'failed', reason: 'not_placed' };
  const failed = place(2);
  end(failed, 'failed');
  failed.extras = { status: 'failed', reason: null };
  expect(await poll({ statuses: ['failed'] })).toEqual([2]);
});

test('a call that ends after later ones, and long after it was placed, is not missed', async () => {
  await poll();
  const late = place(1);
  await poll();
  now += 3 * 3_600_000;
  end(place(2));
  expect(await poll()).toEqual([2]);
  end(place(3));
  end(late);
  expect(await poll()).toEqual([1, 3]);
  expect(await poll()).toEqual([]);
});

test('a call that appears in the list after a later one is not missed', async () => {
  await poll();
  const hidden = place(1);
  calls.pop();
  now += 1000;
  end(place(2));
  expect(await poll()).toEqual([2]);
  end(hidden);
  calls.push(hidden);
  expect(await poll()).toEqual([1]);
});

test('all calls that ended while n8n was down start the workflow, even many', async () => {
  await poll();
  end(place(1));
  await poll();
  now += 24 * 3_600_000;
  for (let id = 2; id <= 251; id += 1) end(place(id));
  now += 24 * 3_600_000;
  expect(await poll()).toHaveLength(250);
  expect(await poll()).toEqual([]);
});

test('a completed call without a disposition starts the workflow after a minute; a late disposition is included', async () => {
  await poll();
  const never = place(1);
  const later = place(2);
  Object.assign(never, { isCompleted: true });
  Object.assign(later, { isCompleted: true });
  expect(await poll()).toEqual([]);
  end(later, 'voicemail_detected');
  expect(await poll()).toEqual([1, 2]);
});

test('an error of the server is thrown, and after it no call is missed or repeated', async () => {
  await poll();
  end(place(1));
  isDown = true;
  const before = JSON.stringify(staticData);
  await expect(poll()).rejects.toThrow('Invalid or expired API key');
  expect(JSON.stringify(staticData)).toBe(before);
  isDown = false;
  expect(await poll()).toEqual([1]);
  expect(await poll()).toEqual([]);
});

test('when n8n could not save the cursor, the same calls are returned again', async () => {
  await poll();
  end(place(1));
  const saved = JSON.stringify(staticData);
  expect(await poll()).toEqual([1]);
  staticData = JSON.parse(saved) as IDataObject;
  expect(await poll()).toEqual([1]);
});

test('only calls with the chosen statuses start the workflow', async () => {
  await poll();
  end(place(1), 'no-answer');
  end(place(2));
  expect(await poll({ statuses: ['no-answer', 'busy'] })).toEqual([1]);
});

test('a call that never ends is dropped after six hours and not read any more', async () => {
  await poll();
  place(1);
  await poll();
  now += 6 * 3_600_000;
  await poll();
  server.requests.length = 0;
  await poll();
  expect(server.requests.filter(({ url }) => url.includes('/runs/1'))).toEqual([]);
  expect(staticData.open).toEqual({});
});

test('the cursor does not grow with the number of calls', async () => {
  await poll();
  for (let id = 1; id <= 30; id += 1) {
    end(place(id));
    await poll();
  }
  expect(Object.keys(staticData.done as object).length).toBeLessThan(15);
});

test('a manual run returns a recent call and does not change the cursor', async () => {
  end(place(1));
  place(2);
  expect(await poll({}, 'manual')).toEqual([1]);
  expect(staticData).toEqual({});
});

describe('a queued call', () => {
  const minute = 60_000;
  const queued = (dueInMinutes: number) => ({
    status: 'queued',
    due_at: new Date(now + dueInMinutes * minute).toISOString(),
  });

  function readsOf({ id }: Call): number {
    return server.requests.filter(({ url }) => url.endsWith(`/runs/${String(id)}`)).length;
  }

  test('starts the workflow at its end, however long it has waited', async () => {
    await poll();
    const call = place(1);
    call.extras = queued(2 * 24 * 60);
    for (let hours = 0; hours < 48; hours += 4) {
      expect(await poll()).toEqual([]);
      now += 4 * 60 * minute;
    }
    call.extras = { status: 'ringing' };
    expect(await poll()).toEqual([]);
    call.extras = { status: 'completed' };
    end(call);
    expect(await poll()).toEqual([1]);
    expect(await poll()).toEqual([]);
  });

  test('is read again when it is due, and once an hour before, because it may be canceled', async () => {
    await poll();
    const soon = place(1);
    soon.extras = queued(10);
    const later = place(2);
    later.extras = queued(24 * 60);
    for (let minutes = 0; minutes < 8; minutes += 1) await poll();
    expect([readsOf(soon), readsOf(later)]).toEqual([1, 1]);
    await poll();
    await poll();
    expect([readsOf(soon), readsOf(later)]).toEqual([2, 1]);
    later.extras = { status: 'canceled' };
    end(later, 'canceled');
    now += 60 * minute;
    expect(await poll()).toEqual([2]);
  });
});
