/** GET /organizations/usage/summary: counts of the calls that the list with the same filters has. */
import type { UsageSummary } from '@dograh-trigger/shared';
import type { CompiledQuery } from 'kysely';
import { readyToCall, type TestAgent } from '../../support/agents';
import { item, startWithListedRuns, type ListedRuns } from '../../support/listed-runs';
import { plansOf } from '../../support/query-plans';
import { isOnPostgres } from '../../support/test-database';
import { addRuns } from '../../support/runs';
import type { Account } from '../../support/test-server';

const path = '/api/v1/organizations/usage/summary';

let listed: ListedRuns;
beforeAll(async () => {
  listed = await startWithListedRuns();
});
afterAll(() => listed.server.close());

function ask(query: Record<string, string>, caller: Account = listed.account) {
  return listed.server.request.get(path).query(query).set('X-API-Key', caller.apiKey);
}

async function summaryOf(query: Record<string, string>, caller?: Account): Promise<UsageSummary> {
  return (await ask(query, caller).expect(200)).body as UsageSummary;
}

const filtersOf = (...filters: unknown[]) => ({ filters: JSON.stringify(filters) });

test('every call of the organization is counted by status, by disposition and by day', async () => {
  expect(await summaryOf({})).toEqual({
    total: 5,
    text_chats: 0,
    by_status: { completed: 3, busy: 1, initiated: 1 },
    by_disposition: { user_hangup: 2, busy: 1, '100% sold': 1 },
    days: [{ date: '2026-11-23', counts: { completed: 3, busy: 1, initiated: 1 } }],
  });
});

test.each<[string, Record<string, string>, number]>([
  ['dates', { start_date: '2026-11-23T12:02:00Z', end_date: '2026-11-23T12:04:00Z' }, 3],
  ['a filter', filtersOf(item('dispositionCode', 'multiSelect', { codes: ['user_hangup'] })), 2],
  ['a filter that no call can match', filtersOf(item('callDirection', 'radio', { status: 'inbound' })), 0],
])('the same calls as in the list are counted: %s', async (_, query, total) => {
  const list = await listed.server.request
    .get('/api/v1/organizations/usage/runs')
    .query(query)
    .set('X-API-Key', listed.account.apiKey)
    .expect(200);
  expect(list.body).toMatchObject({ total_count: total });
  expect((await summaryOf(query)).total).toBe(total);
});

test.each([
  ['a filter that the list refuses', filtersOf({ attribute: 'weather' })],
  ['a filter as a parameter', { called_number: '+1415' }],
  ['a time zone that does not exist', { time_zone: 'Mars/Olympus' }],
  ['an offset, which follows no daylight saving time', { time_zone: '+02:00' }],
])('422 %s', async (_, query) => {
  await ask(query).expect(422);
});

describe('days', () => {
  let account: Account;
  let agent: TestAgent;
  beforeEach(async () => {
    ({ account, agent } = await readyToCall(listed.server));
  });
  const add = (...times: string[]) =>
    addRuns(
      listed.server,
      account,
      agent,
      times.map((createdAt) => ({ createdAt })),
    );
  const datesOf = async (query: Record<string, string>) =>
    (await summaryOf(query, account)).days.map(({ date, counts }) => [date, counts.completed]);

  test('begin at midnight of the time zone', async () => {
    await add('2026-11-20T18:14:59.999Z', '2026-11-20T18:15:00.000Z', '2026-11-20T23:59:59.999Z');
    expect(await datesOf({})).toEqual([['2026-11-20', 3]]);
    // UTC+05:45
    expect(await datesOf({ time_zone: 'Asia/Kathmandu' })).toEqual([
      ['2026-11-20', 1],
      ['2026-11-21', 2],
    ]);
  });

  test('are 92 at most, up to today; the counts include earlier calls', async () => {
    await add('2026-08-23T23:59:59.999Z', '2026-08-24T00:00:00.000Z', '2026-11-23T11:00:00.000Z');
    const { total, days } = await summaryOf({}, account);
    expect(total).toBe(3);
    expect(days.map(({ date }) => date)).toEqual(['2026-08-24', '2026-11-23']);
  });

  test('are the 92 up to the end of the range', async () => {
    await add('2026-03-31T12:00:00.000Z', '2026-04-01T12:00:00.000Z', '2026-07-01T12:00:00.000Z');
    expect((await datesOf({ end_date: '2026-07-01T23:59:59Z' })).map(([date]) => date)).toEqual([
      '2026-04-01',
      '2026-07-01',
    ]);
  });

  test.each(['0000-01-01', '9999-12-31T23:59:59Z'])('there is an answer up to %s', async (end) => {
    for (const zone of ['Pacific/Kiritimati', 'America/New_York']) {
      await ask({ end_date: end, time_zone: zone }, account).expect(200);
    }
  });
});

// The plans are SQLite’s own.
if (!isOnPostgres) {
  test('calls are found by the index of the organization, also in a long list', async () => {
    const { account, agent } = await readyToCall(listed.server);
    const start = Date.parse('2026-11-01T00:00:00.000Z');
    const calls = Array.from({ length: 5_000 }, (_, n) => ({
      createdAt: new Date(start + n * 60_000).toISOString(),
    }));
    await addRuns(listed.server, account, agent, calls);
    const queries: CompiledQuery[] = [];
    listed.server.storage.tap({ beforeQuery: (query) => void queries.push(query) });
    const { total } = await summaryOf({ start_date: '2026-11-02' }, account);
    listed.server.storage.untap();
    expect(total).toBe(5_000 - 24 * 60);
    const steps = plansOf(
      listed.server.databaseFile,
      queries.filter(({ sql }) => /\bgroup by\b/.test(sql)),
    ).flat();
    // Slices of 2,000 calls, between which other requests are served.
    expect(steps).toHaveLength(2);
    for (const step of steps) {
      expect(step).toMatchObject({ table: 'runs', index: 'runs_by_organization' });
      expect(step.by).toContain('organization_id=');
    }
  });
}
