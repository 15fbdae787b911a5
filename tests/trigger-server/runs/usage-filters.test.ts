/** The grammar of filters, on the organization's list and on an agent's. */
import { createAgent, readyToCall, type TestAgent } from '../../support/agents';
import { addRuns } from '../../support/runs';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';

const ended = (status: 'completed' | 'busy', disposition: string, seconds: number) => ({
  status,
  disposition,
  seconds,
});

let server: TestServer;
let account: Account;
let agent: TestAgent;
let other: TestAgent;
let foreign: TestAgent;
/** Of the first agent: hung up after 30 s, busy, still going, wanted to buy after 60 s. Of the second: hung up. */
let runs: { hungUp: number; busy: number; going: number; sold: number; second: number };
beforeAll(async () => {
  server = await startTestServer();
  ({ account, agent } = await readyToCall(server));
  other = await createAgent(server, account);
  const stranger = await readyToCall(server);
  foreign = stranger.agent;
  await addRuns(server, stranger.account, foreign, [{}]);
  const at = (minute: number) => `2026-11-23T12:0${String(minute)}:00.000Z`;
  const [hungUp, busy, going, sold] = await addRuns(server, account, agent, [
    { createdAt: at(1), calledNumber: '+14155550101', ended: ended('completed', 'user_hangup', 30) },
    { createdAt: at(2), calledNumber: '+14155550102', ended: ended('busy', 'busy', 0) },
    { createdAt: at(3), calledNumber: '+14155550103', ended: null },
    { createdAt: at(4), calledNumber: '+442079460104', ended: ended('completed', '100% sold', 60) },
  ]);
  const [second] = await addRuns(server, account, other, [
    { createdAt: at(5), calledNumber: '+14155550105', ended: ended('completed', 'user_hangup', 45) },
  ]);
  runs = { hungUp: hungUp!, busy: busy!, going: going!, sold: sold!, second: second! };
});
afterAll(() => server.close());

function ask(path: string, filters: unknown) {
  const text = typeof filters === 'string' ? filters : JSON.stringify(filters);
  return server.request.get(`/api/v1/${path}`).query({ filters: text }).set('X-API-Key', account.apiKey);
}

/** The names of the runs that are listed, newest first. */
async function found(path: string, filters: unknown): Promise<string[]> {
  const { body } = await ask(path, filters).expect(200);
  const page = body as { runs: { id: number }[]; total_count: number };
  expect(page.total_count).toBe(page.runs.length);
  return page.runs.map(({ id }) => Object.entries(runs).find(([, run]) => run === id)![0]);
}

const item = (attribute: string, type: string, value: unknown) => ({ attribute, type, value });
const usage = 'organizations/usage/runs';
const all = ['second', 'sold', 'going', 'busy', 'hungUp'];

describe('GET /organizations/usage/runs', () => {
  test.each<[string, unknown[], string[]]>([
    ['none', [], all],
    [
      'one of the dispositions',
      [item('dispositionCode', 'multiSelect', { codes: ['user_hangup', 'busy'] })],
      ['second', 'busy', 'hungUp'],
    ],
    ['no disposition', [item('dispositionCode', 'multiSelect', { codes: [] })], all],
    ['a disposition nobody can have', [item('dispositionCode', 'multiSelect', { codes: ['\0'] })], []],
    ['duration from', [item('duration', 'numberRange', { min: 45 })], ['second', 'sold']],
    [
      'duration to: a call that goes on has none',
      [item('duration', 'numberRange', { max: 30 })],
      ['busy', 'hungUp'],
    ],
    ['duration from and to', [item('duration', 'numberRange', { min: 30, max: 45.5 })], ['second', 'hungUp']],
    [
      'a part of the called number',
      [item('calledNumber', 'text', { value: ' 415555 ' })],
      ['second', 'going', 'busy', 'hungUp'],
    ],
    ['a percent sign is none of SQL’s', [item('calledNumber', 'text', { value: '%0104' })], []],
    ['an underscore is none of SQL’s', [item('calledNumber', 'text', { value: '+1415555010_' })], []],
    ['an empty number', [item('calledNumber', 'text', { value: ' ' })], all],
    ['a caller number nobody used', [item('callerNumber', 'text', { value: '4' })], []],
    ['inbound', [item('callDirection', 'radio', { status: 'inbound' })], []],
    ['outbound', [item('callDirection', 'radio', { status: 'outbound' })], all],
    ['by telephone', [item('callChannel', 'radio', { status: 'telephony' })], all],
    ['by web', [item('callChannel', 'radio', { status: 'web' })], []],
    ['by chat', [item('callChannel', 'radio', { status: 'chat' })], []],
    ['a campaign', [item('campaignId', 'number', { value: 7 })], []],
    [
      'several: all hold',
      [
        item('dispositionCode', 'multiSelect', { codes: ['user_hangup'] }),
        item('duration', 'numberRange', { max: 40 }),
        item('calledNumber', 'text', { value: '415' }),
        item('calledNumber', 'text', { value: '101' }),
      ],
      ['hungUp'],
    ],
    [
      'without its type it filters nothing',
      [{ attribute: 'callDirection', value: { status: 'inbound' } }],
      all,
    ],
    ['nor with another type', [item('callDirection', 'text', { status: 'inbound' })], all],
    ['nor by an attribute of the other list', [item('status', 'radio', { status: 'in_progress' })], all],
    ['nor by dateRange', [item('dateRange', 'dateRange', { from: '2030-01-01' })], all],
    ['nor by callTags', [item('callTags', 'tags', { codes: ['x'] })], all],
    ['nor by what nobody knows', [item('__proto__', 'number', { value: 1 })], all],
    ['nor without a value', [{ attribute: 'runId', type: 'number' }], all],
  ])('%s', async (_, filters, names) => {
    expect(await found(usage, filters)).toEqual(names);
  });

  test('runId finds one run, if the other filters hold too', async () => {
    const run = item('runId', 'number', { value: runs.busy });
    expect(await found(usage, [run])).toEqual(['busy']);
    expect(await found(usage, [run, item('duration', 'numberRange', { min: 1 })])).toEqual([]);
    expect(await found(usage, [run, item('runId', 'number', { value: runs.sold })])).toEqual([]);
  });

  test('workflowId lists one agent, and none of another organization', async () => {
    const of = (id: number) => item('workflowId', 'number', { value: id });
    expect(await found(usage, [of(other.id)])).toEqual(['second']);
    expect(await found(usage, [of(agent.id), item('duration', 'numberRange', { min: 1 })])).toEqual([
      'sold',
      'hungUp',
    ]);
    expect(await found(usage, [of(agent.id), of(other.id)])).toEqual([]);
    expect(await found(usage, [of(foreign.id)])).toEqual([]);
  });

  test.each([
    ['no JSON', '['],
    ['no array', '{}'],
    ['no objects', '[1]'],
    ['no attribute', '[{"type":"number"}]'],
    ['text for a number', '[{"attribute":"runId","type":"number","value":{"value":"1"}}]'],
    ['a number without end', '[{"attribute":"duration","type":"numberRange","value":{"min":1e999}}]'],
    [
      'codes that are no texts',
      '[{"attribute":"dispositionCode","type":"multiSelect","value":{"codes":[1]}}]',
    ],
    ['deep JSON', `${'['.repeat(1_900)}${']'.repeat(1_900)}`],
  ])('%s is 400', async (_, filters) => {
    const reply = await ask(usage, filters).expect(400);
    expect(reply.body).toMatchObject({ detail: 'Invalid filters format' });
  });
});

describe('GET /workflow/{workflow_id}/runs', () => {
  const list = () => `workflow/${String(agent.id)}/runs`;
  const own = ['sold', 'going', 'busy', 'hungUp'];

  test.each<[string, unknown[], string[]]>([
    ['no filter', [], own],
    ['ended', [item('status', 'radio', { status: 'completed' })], ['sold', 'busy', 'hungUp']],
    ['in progress', [item('status', 'radio', { status: 'in_progress' })], ['going']],
    ['another status', [item('status', 'radio', { status: 'ringing' })], own],
    ['a disposition', [item('dispositionCode', 'multiSelect', { codes: ['100% sold'] })], ['sold']],
    ['duration', [item('duration', 'numberRange', { min: 30 })], ['sold', 'hungUp']],
    [
      'dates, inclusive',
      [item('dateRange', 'dateRange', { from: '2026-11-23T12:02:00Z', to: '2026-11-23T12:03:00Z' })],
      ['going', 'busy'],
    ],
    [
      'two ranges of dates',
      [
        item('dateRange', 'dateRange', { from: '2026-11-23T12:02:00Z' }),
        item('dateRange', 'dateRange', { to: '2026-11-23T12:02:30Z' }),
      ],
      ['busy'],
    ],
    [
      'token usage: an ended call used none',
      [item('tokenUsage', 'numberRange', { max: 5 })],
      ['sold', 'busy', 'hungUp'],
    ],
    ['token usage from one', [item('tokenUsage', 'numberRange', { min: 1 })], []],
    ['without its type it filters nothing', [{ attribute: 'status', value: { status: 'in_progress' } }], own],
  ])('%s', async (_, filters, names) => {
    expect(await found(list(), filters)).toEqual(names);
  });

  test('the filters are given back as they came; null without any', async () => {
    const filters = [item('status', 'radio', { status: 'completed', more: [1] })];
    expect((await ask(list(), filters).expect(200)).body.applied_filters).toEqual(filters);
    expect((await ask(list(), '').expect(200)).body.applied_filters).toBeNull();
  });

  test('an attribute of the other list is 403', async () => {
    for (const attribute of ['runId', 'workflowId', 'calledNumber', 'callTags', 'nonsense']) {
      const reply = await ask(list(), [item(attribute, 'number', { value: 1 })]).expect(403);
      expect(reply.body).toMatchObject({ detail: `Invalid attribute '${attribute}'` });
    }
  });

  test.each([
    ['no JSON', 'x'],
    ['no array', '1'],
    ['no date', '[{"attribute":"dateRange","type":"dateRange","value":{"from":"soon"}}]'],
  ])('%s is 400', async (_, filters) => {
    expect((await ask(list(), filters).expect(400)).body).toMatchObject({ detail: 'Invalid filter format' });
  });

  test('a row leaves out what only a single run shows', async () => {
    const { body } = await ask(list(), '').expect(200);
    const page = body as { runs: Record<string, unknown>[] };
    for (const key of [
      ...['transcript_public_url', 'recording_public_url', 'user_recording_public_url'],
      ...['bot_recording_public_url', 'public_access_token', 'usage_info', 'logs', 'annotations'],
    ]) {
      expect(page.runs.map((row) => row[key])).toEqual([null, null, null, null]);
    }
  });

  test('anything but asc sorts newest first; by duration calls that go on come last', async () => {
    const sorted = async (query: string) => {
      const reply = await server.request.get(`/api/v1/${list()}?${query}`).set('X-API-Key', account.apiKey);
      return (reply.body as { runs: { id: number }[] }).runs.map(({ id }) => id);
    };
    const { hungUp, busy, going, sold } = runs;
    expect(await sorted('sort_order=newest')).toEqual([sold, going, busy, hungUp]);
    expect(await sorted('sort_order=asc')).toEqual([hungUp, busy, going, sold]);
    expect(await sorted('sort_by=duration')).toEqual([sold, hungUp, busy, going]);
    expect(await sorted('sort_by=nonsense')).toEqual([sold, going, busy, hungUp]);
  });

  test('an agent that is not there, or not ours, has no runs', async () => {
    for (const id of [999_999, foreign.id]) {
      expect((await ask(`workflow/${String(id)}/runs`, '').expect(200)).body).toMatchObject({
        runs: [],
        total_count: 0,
        total_pages: 0,
      });
    }
  });
});
