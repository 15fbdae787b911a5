/** The filters of the organization's list and of an agent's list: their grammar and their results. */
import { TriggerClient } from '@dograh-trigger/shared';
import { axiosTransport, sleep } from '@dograh-trigger/shared/axios';
import {
  agentRuns,
  item,
  organizationRuns,
  startWithListedRuns,
  type ListedRuns,
} from '../../support/listed-runs';

let listed: ListedRuns;
beforeAll(async () => {
  listed = await startWithListedRuns();
});
afterAll(() => listed.server.close());

describe('GET /organizations/usage/runs', () => {
  const all = ['second', 'sold', 'going', 'busy', 'hungUp'];

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
      'an item without its type is understood',
      [{ attribute: 'callDirection', value: { status: 'inbound' } }],
      [],
    ],
    [
      'status, which only an agent’s list has on Dograh',
      [item('status', 'radio', { status: 'busy' })],
      ['busy'],
    ],
    [
      'dateRange, too',
      [item('dateRange', 'dateRange', { from: '2026-11-23T12:04:00Z' })],
      ['second', 'sold'],
    ],
    ['tokenUsage, too', [item('tokenUsage', 'numberRange', { min: 1 })], []],
    ['a source', [item('source', 'multiSelect', { codes: ['n8n', 'zapier'] })], ['going', 'busy']],
    ['no source', [item('source', 'multiSelect', { codes: [] })], all],
    ['a key nobody used', [item('apiKeyId', 'number', { value: 4711 })], []],
    ['a text in the called number', [item('text', 'text', { value: ' 2079460104 ' })], ['sold']],
    ['a number as people write it', [item('text', 'text', { value: '+44 (20) 7946-0104' })], ['sold']],
    ['a text in the name, in any case', [item('text', 'text', { value: 'wr-api' })], all],
    ['a percent sign in a text is none of SQL’s', [item('text', 'text', { value: 'WR%1000' })], []],
    ['a text that nothing contains', [item('text', 'text', { value: 'Jane' })], []],
    ['a text that no run can contain', [item('text', 'text', { value: 'WR\0' })], []],
    ['an empty text', [item('text', 'text', { value: ' ' })], all],
  ])('%s', async (_, filters, names) => {
    expect(await listed.found(organizationRuns, filters)).toEqual(names);
  });

  test('runId finds one run, if the other filters hold too', async () => {
    const { runs, found } = listed;
    const run = item('runId', 'number', { value: runs.busy });
    expect(await found(organizationRuns, [run])).toEqual(['busy']);
    expect(await found(organizationRuns, [run, item('duration', 'numberRange', { min: 1 })])).toEqual([]);
    expect(await found(organizationRuns, [run, item('runId', 'number', { value: runs.sold })])).toEqual([]);
    expect(await found(organizationRuns, [run, item('status', 'radio', { status: 'busy' })])).toEqual([
      'busy',
    ]);
  });

  test('a text finds the run with this id', async () => {
    const { runs, found } = listed;
    expect(await found(organizationRuns, [item('text', 'text', { value: String(runs.busy) })])).toContain(
      'busy',
    );
  });

  test('a text of more than 100 characters is refused', async () => {
    await listed.ask(organizationRuns, [item('text', 'text', { value: 'x'.repeat(101) })]).expect(422);
  });

  test('workflowId lists one agent, and none of another organization', async () => {
    const { agent, other, foreign, found } = listed;
    const of = (id: number) => item('workflowId', 'number', { value: id });
    expect(await found(organizationRuns, [of(other.id)])).toEqual(['second']);
    const lasting = [of(agent.id), item('duration', 'numberRange', { min: 1 })];
    expect(await found(organizationRuns, lasting)).toEqual(['sold', 'hungUp']);
    expect(await found(organizationRuns, [of(agent.id), of(other.id)])).toEqual([]);
    expect(await found(organizationRuns, [of(foreign.id)])).toEqual([]);
  });

  test('the filters of our own client are applied', async () => {
    const { server, account, other, runs } = listed;
    const client = new TriggerClient(axiosTransport({ apiKey: account.apiKey }), {
      baseUrl: server.baseUrl,
      sleep,
    });
    const page = await client.listCalls({
      agentId: other.id,
      calledNumber: '5550105',
      dispositions: ['user_hangup'],
      createdSince: new Date('2026-11-23T12:05:00Z'),
      createdUntil: new Date('2026-11-23T12:05:00Z'),
    });
    expect(page.runs.map(({ id }) => id)).toEqual([runs.second]);
    expect(page).toMatchObject({ total_count: 1 });
  });
});

describe('GET /workflow/{workflow_id}/runs', () => {
  const own = ['sold', 'going', 'busy', 'hungUp'];

  test.each<[string, unknown[], string[]]>([
    ['no filter', [], own],
    ['ended', [item('status', 'radio', { status: 'completed' })], ['sold', 'busy', 'hungUp']],
    ['in progress', [item('status', 'radio', { status: 'in_progress' })], ['going']],
    ['a status of a run', [item('status', 'radio', { status: 'busy' })], ['busy']],
    ['another one', [item('status', 'radio', { status: 'initiated' })], ['going']],
    ['one that no run has', [item('status', 'radio', { status: 'no-answer' })], []],
    ['statuses', [item('status', 'multiSelect', { codes: ['completed'] })], ['sold', 'hungUp']],
    [
      'several statuses',
      [item('status', 'multiSelect', { codes: ['busy', 'initiated'] })],
      ['going', 'busy'],
    ],
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
    [
      'the example of Dograh’s document, which leaves the type out',
      [{ attribute: 'dateRange', value: { from: '2026-11-24', to: '2026-11-30' } }],
      [],
    ],
  ])('%s', async (_, filters, names) => {
    expect(await listed.found(agentRuns(listed), filters)).toEqual(names);
  });

  test('applied_filters returns the filters as they were sent, or null', async () => {
    const filters = [item('status', 'radio', { status: 'completed' })];
    expect((await listed.ask(agentRuns(listed), filters).expect(200)).body.applied_filters).toEqual(filters);
    expect((await listed.ask(agentRuns(listed), '').expect(200)).body.applied_filters).toBeNull();
  });

  test('a row leaves out what only a single run shows', async () => {
    const { body } = await listed.ask(agentRuns(listed), '').expect(200);
    const page = body as { runs: Record<string, unknown>[] };
    for (const key of [
      ...['transcript_public_url', 'recording_public_url', 'user_recording_public_url'],
      ...['bot_recording_public_url', 'public_access_token', 'usage_info', 'logs', 'annotations'],
    ]) {
      expect(page.runs.map((row) => row[key])).toEqual([null, null, null, null]);
    }
  });

  test('newest or oldest first; by duration, calls that have not ended come last', async () => {
    const { server, account, runs } = listed;
    const sorted = async (query: string) => {
      const reply = await server.request
        .get(`/api/v1/${agentRuns(listed)}?${query}`)
        .set('X-API-Key', account.apiKey);
      return (reply.body as { runs: { id: number }[] }).runs.map(({ id }) => id);
    };
    const { hungUp, busy, going, sold } = runs;
    expect(await sorted('sort_order=desc')).toEqual([sold, going, busy, hungUp]);
    expect(await sorted('sort_order=asc')).toEqual([hungUp, busy, going, sold]);
    expect(await sorted('sort_by=duration')).toEqual([sold, hungUp, busy, going]);
    expect(await sorted('sort_by=created_at')).toEqual([sold, going, busy, hungUp]);
  });

  test('an agent that is not there, or not ours, has no runs', async () => {
    for (const id of [999_999, listed.foreign.id]) {
      expect((await listed.ask(`workflow/${String(id)}/runs`, '').expect(200)).body).toMatchObject({
        runs: [],
        total_count: 0,
        total_pages: 0,
      });
    }
  });
});

/** Dograh's pages send these values for an empty filter (`getDefaultValue` of its `lib/filters.ts`). */
test.each([
  item('dispositionCode', 'multiSelect', { codes: [] }),
  item('duration', 'numberRange', { min: null, max: null }),
  item('callDirection', 'radio', { status: 'all' }),
  item('callChannel', 'radio', { status: 'all' }),
  item('callerNumber', 'text', { value: '' }),
  item('calledNumber', 'text', { value: '' }),
  item('runId', 'number', { value: null }),
  item('workflowId', 'number', { value: null }),
  item('campaignId', 'number', { value: null }),
  item('status', 'radio', { status: 'all' }),
  item('dateRange', 'dateRange', { from: null, to: null }),
  item('tokenUsage', 'numberRange', { min: null, max: null }),
])('$attribute without a value, as Dograh’s pages send it, filters nothing', async (unfilled) => {
  expect(await listed.found(organizationRuns, [unfilled])).toHaveLength(5);
});
