/** GET /organizations/usage/runs: pages, order, totals. */
import type { UsagePage } from '@dograh-trigger/shared';
import { createAgent, readyToCall, type TestAgent } from '../../support/agents';
import { readRun, startCall } from '../../support/calls';
import { addRuns } from '../../support/runs';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';

const path = '/api/v1/organizations/usage/runs';

let server: TestServer;
let account: Account;
let agent: TestAgent;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  ({ account, agent } = await readyToCall(server));
});

async function list(query: Record<string, string | number> = {}, caller = account): Promise<UsagePage> {
  const page = await server.request.get(path).query(query).set('X-API-Key', caller.apiKey).expect(200);
  return page.body as UsagePage;
}

const ids = (page: UsagePage) => page.runs.map(({ id }) => id);
const second = (at: number) => `2026-11-23T12:00:${String(at).padStart(2, '0')}.000Z`;

/** Dograh's schema of a row. */
const dograhKeys = [
  ...['id', 'workflow_id', 'workflow_name', 'name', 'created_at', 'dograh_token_usage'],
  ...['call_duration_seconds', 'recording_url', 'transcript_url', 'user_recording_url'],
  ...['bot_recording_url', 'recording_public_url', 'transcript_public_url', 'user_recording_public_url'],
  ...['bot_recording_public_url', 'public_access_token', 'phone_number', 'caller_number'],
  ...['called_number', 'call_type', 'mode', 'disposition', 'initial_context', 'gathered_context'],
  'charge_usd',
];

/** The fields of a row beyond Dograh's schema. The run itself has them too. */
const ourKeys = [
  ...['status', 'answered_at', 'completed_at', 'artifacts_ready', 'reason', 'fallback_from'],
  ...[
    'ignored_fields',
    'unresolved_variables',
    'voicemail_left',
    'source',
    'artifacts_ready_at',
    'erased_at',
  ],
  'dial_detail',
  ...['attempt', 'attempts', 'waiting_for', 'due_at', 'not_after', 'reference', 'metadata'],
];

test('a row has exactly Dograh’s keys and ours, and links to what was said', async () => {
  const at = server.clock.now().toISOString();
  const runId = await startCall(server, account, agent, {
    phone_number: '+14155550100',
    initial_context: { user: { name: 'Jane' } },
  });
  await server.advance(900);
  const [row] = (await list()).runs;
  expect(Object.keys(row!).sort()).toEqual([...dograhKeys, ...ourKeys].sort());
  expect(row).toMatchObject({
    id: runId,
    workflow_id: agent.id,
    workflow_name: 'Agent',
    created_at: at.replace('Z', '+00:00'),
    dograh_token_usage: 0,
    call_type: 'outbound',
    mode: 'sandbox',
    called_number: '+14155550100',
    phone_number: '+14155550100',
    disposition: 'end_call_tool',
    transcript_url: `transcripts/${String(runId)}.txt`,
    recording_url: null,
    initial_context: { user: { name: 'Jane' } },
    charge_usd: null,
  });
  await server.request.get(row!.transcript_public_url!).expect(200);
});

test('a call that has not ended is listed without disposition and duration', async () => {
  const runId = await startCall(server, account, agent, { phone_number: '+14155550100' });
  expect((await list()).runs).toMatchObject([{ id: runId, disposition: null, call_duration_seconds: 0 }]);
});

test('a row says how far the call is, and when it was answered and ended, as the run itself does', async () => {
  const own = async (runId: number) => {
    const run = await readRun(server, account, runId);
    const inLists = ourKeys.filter((key) => key !== 'attempts');
    return Object.fromEntries(inLists.map((key) => [key, (run as Record<string, unknown>)[key]]));
  };
  const placedAt = server.clock.now().getTime();
  const at = (milliseconds: number) => new Date(placedAt + milliseconds).toISOString();
  const runId = await startCall(server, account, agent, { phone_number: '+14155550100' });
  const expected = [
    { status: 'initiated', answered_at: null, completed_at: null, artifacts_ready: false },
    { status: 'ringing', answered_at: null, completed_at: null, artifacts_ready: false },
    { status: 'answered', answered_at: at(600), completed_at: null, artifacts_ready: false },
    { status: 'completed', answered_at: at(600), completed_at: at(900), artifacts_ready: true },
  ];
  for (const fields of expected) {
    const [row] = (await list()).runs;
    expect(row).toMatchObject({ id: runId, ...fields });
    expect(row).toMatchObject(await own(runId));
    await server.advance(300);
  }
});

test('a call that nobody answered says so in its row', async () => {
  await startCall(server, account, agent, { phone_number: '+15005550011' });
  await server.advance(900);
  const [row] = (await list()).runs;
  expect(row).toMatchObject({ status: 'busy', answered_at: null });
  expect(row!.completed_at).not.toBeNull();
});

test('newest first, with the totals of the page and the count of all', async () => {
  const added = await addRuns(
    server,
    account,
    agent,
    [10, 20, 30].map((seconds, index) => ({
      createdAt: second(index),
      ended: { status: 'completed', disposition: 'user_hangup', seconds },
    })),
  );
  expect(await list({ limit: 2 })).toMatchObject({
    runs: [{ id: added[2] }, { id: added[1] }],
    total_dograh_tokens: 0,
    total_duration_seconds: 50,
    page_duration_seconds: 50,
    total_count: 3,
    page: 1,
    limit: 2,
    total_pages: 2,
  });
  expect(ids(await list({ limit: 2, page: 2 }))).toEqual([added[0]]);
  expect(ids(await list({ limit: 2, page: 3 }))).toEqual([]);
  expect(ids(await list({ sort_order: 'asc' }))).toEqual(added);
});

test('by creation time, also after the clock was set back; of the same instant, the latest comes first', async () => {
  const [late, early, alsoEarly] = await addRuns(server, account, agent, [
    { createdAt: second(9) },
    { createdAt: second(3) },
    { createdAt: second(3) },
  ]);
  expect(ids(await list())).toEqual([late, alsoEarly, early]);
  expect(ids(await list({ sort_order: 'asc' }))).toEqual([early, alsoEarly, late]);
});

test('by duration, in both orders: calls that go on come last, the latest of equals first', async () => {
  const lasting = (seconds: number) => ({
    ended: { status: 'completed' as const, disposition: 'user_hangup', seconds },
  });
  const [five, going, nine, alsoFive] = await addRuns(server, account, agent, [
    lasting(5),
    { ended: null },
    lasting(9),
    lasting(5),
  ]);
  expect(ids(await list({ sort_by: 'duration' }))).toEqual([nine, alsoFive, five, going]);
  expect(ids(await list({ sort_by: 'duration', sort_order: 'asc' }))).toEqual([alsoFive, five, nine, going]);
  expect(await list({ sort_by: 'duration', limit: 2, page: 2 })).toMatchObject({
    runs: [{ id: five }, { id: going }],
    total_count: 4,
  });
});

test('with the cursor of the first page, later pages do not change when new calls arrive', async () => {
  const added = await addRuns(server, account, agent, Array(5).fill({}));
  const first = await list({ limit: 2 });
  await addRuns(server, account, agent, Array(4_500).fill({}));
  const rest = [2, 3].map((page) => list({ limit: 2, page, cursor: first.cursor! }));
  const pages = [first, ...(await Promise.all(rest))];
  expect(pages.flatMap(ids)).toEqual([...added].reverse());
  expect(pages.map(({ total_count }) => total_count)).toEqual([5, 5, 5]);
});

test.each(['desc', 'asc'])(
  'over many slices of the list (%s), every call is on exactly one page',
  async (order) => {
    // Many runs share an instant. Where a slice ends between two of them, their ids distinguish them.
    const added = await addRuns(
      server,
      account,
      agent,
      Array.from({ length: 10_500 }, (_, index) => ({
        createdAt: second(Math.floor(index / 700)),
        ...(index % 2 === 0 ? { ended: null } : {}),
      })),
    );
    const wanted = added.filter((_, index) => index % 2 === 1);
    if (order === 'desc') wanted.reverse();
    const filters = JSON.stringify([
      { attribute: 'dispositionCode', type: 'multiSelect', value: { codes: ['user_hangup'] } },
    ]);
    for (const page of [1, 25, 26, 53]) {
      const found = await list({ filters, limit: 100, page, sort_order: order });
      expect(found.total_count).toBe(5_250);
      expect(ids(found)).toEqual(wanted.slice((page - 1) * 100, page * 100));
    }
    const dated = await list({
      start_date: second(1),
      end_date: second(8),
      limit: 100,
      page: 50,
      sort_order: order,
    });
    const within = added.slice(700, 6_300);
    if (order === 'desc') within.reverse();
    expect(dated.total_count).toBe(5_600);
    expect(ids(dated)).toEqual(within.slice(4_900, 5_000));
    const byDuration = await list({ sort_by: 'duration', sort_order: order, limit: 100, page: 53 });
    const latestFirst = added.filter((_, index) => index % 2 === 1).reverse();
    const unended = added.filter((_, index) => index % 2 === 0).reverse();
    expect(ids(byDuration)).toEqual([...latestFirst, ...unended].slice(5_200, 5_300));
  },
);

test('start_date and end_date are inclusive; without a zone they are in UTC', async () => {
  const added = await addRuns(
    server,
    account,
    agent,
    [0, 1, 2, 3].map((at) => ({ createdAt: second(at) })),
  );
  for (const [start, end] of [
    ['2026-11-23T12:00:01Z', '2026-11-23T12:00:02.000Z'],
    ['2026-11-23T12:00:01', '2026-11-23 12:00:02'],
    ['2026-11-23T13:00:01+01:00', '2026-11-23T07:00:02.000-0500'],
    // A plus sign that was not encoded arrives as a space.
    ['2026-11-23T13:00:01 01:00', '2026-11-23T12:00:02Z'],
  ]) {
    const page = await list({ start_date: start!, end_date: end!, sort_order: 'asc' });
    expect(ids(page)).toEqual([added[1], added[2]]);
    expect(page.total_count).toBe(2);
  }
  expect((await list({ start_date: '2026-11-23', end_date: '' })).total_count).toBe(4);
  expect((await list({ end_date: '2026-11-23' })).total_count).toBe(0);
});

test.each([
  ['start_date', 'yesterday'],
  ['end_date', '2026-13-45'],
  // In UTC this is the year 10000, and its text would sort before every other.
  ['start_date', '9999-12-31T23:59:59-01:00'],
  ['sort_order', 'up'],
  ['page', '0'],
  ['limit', '101'],
  ['cursor', 'x'],
  ['cursor', ''],
  ['cursor', '123'],
])('%s=%s is refused with 422 at its place', async (name, value) => {
  const reply = await server.request
    .get(path)
    .query({ [name]: value })
    .set('X-API-Key', account.apiKey);
  expect(reply.status).toBe(422);
  expect(reply.body.detail).toMatchObject([{ loc: ['query', name] }]);
});

test('filters longer than 4,000 characters are refused', async () => {
  const filters = `[${' '.repeat(4_000)}]`;
  const reply = await server.request.get(path).query({ filters }).set('X-API-Key', account.apiKey);
  expect(reply.status).toBe(422);
  expect(reply.body.detail).toMatchObject([{ type: 'string_too_long', loc: ['query', 'filters'] }]);
});

test('an organization sees its own calls and counts only them', async () => {
  const other = await readyToCall(server);
  const [own] = await addRuns(server, account, agent, [{}]);
  const [foreign] = await addRuns(server, other.account, other.agent, [{}]);
  expect(await list()).toMatchObject({ runs: [{ id: own }], total_count: 1 });
  expect(await list({}, other.account)).toMatchObject({ runs: [{ id: foreign }], total_count: 1 });
});

test('a cursor reveals nothing about other organizations, and is refused if it is changed or another organization’s', async () => {
  const other = await readyToCall(server);
  await addRuns(server, account, agent, [{}]);
  const refused = async (cursor: string, asker: Account, at = path) => {
    const { status, body } = await server.request.get(at).query({ cursor }).set('X-API-Key', asker.apiKey);
    return [status, (body as { detail: { loc: unknown }[] }).detail[0]?.loc];
  };
  const { cursor = '' } = await list();
  expect((await list()).cursor).not.toBe(cursor);
  expect(cursor).toHaveLength(((await list()).cursor ?? '').length);
  expect(await refused(cursor, other.account)).toEqual([422, ['query', 'cursor']]);
  for (const changed of [`${cursor.slice(0, -4)}AAAA`, cursor.slice(4), cursor.toUpperCase()]) {
    expect(await refused(changed, account)).toEqual([422, ['query', 'cursor']]);
  }
  const agentRuns = `/api/v1/workflow/${String(agent.id)}/runs`;
  expect(await refused('x', account, agentRuns)).toEqual([422, ['query', 'cursor']]);
  const reply = await server.request.get(agentRuns).query({ cursor }).set('X-API-Key', account.apiKey);
  expect(reply.body).toMatchObject({ total_count: 1 });
  expect(JSON.stringify(reply.body)).not.toContain('up_to_run_id');
});

test('plain Dograh returns no cursor, and ignores one', async () => {
  const plain = await startTestServer({ EXTENSIONS: '' });
  try {
    const { apiKey } = await plain.signUp();
    const reply = await plain.request.get(path).query({ cursor: 'x' }).set('X-API-Key', apiKey).expect(200);
    expect(reply.body).not.toHaveProperty('cursor');
  } finally {
    await plain.close();
  }
});

test('the total is that of all agents, whichever of them called, one after another or at once', async () => {
  const others = await Promise.all([1, 2].map(() => createAgent(server, account)));
  const agents = [agent, ...others, agent];
  await startCall(server, account, agents[1]!, { phone_number: '+14155550100' });
  await Promise.all(agents.map((each) => startCall(server, account, each, { phone_number: '+14155550100' })));
  expect((await list()).total_count).toBe(5);
  const ofEach = await Promise.all(
    [agent, ...others].map(async ({ id }) => {
      const page = await server.request
        .get(`/api/v1/workflow/${String(id)}/runs`)
        .set('X-API-Key', account.apiKey);
      return (page.body as { total_count: number }).total_count;
    }),
  );
  expect(ofEach).toEqual([2, 2, 1]);
});

test('the total counts calls, not refused triggers, also when they come at once', async () => {
  const second = await createAgent(server, account);
  const limited = await startTestServer({ DEFAULT_ORG_CONCURRENCY_LIMIT: '3' });
  try {
    const { account: caller, agent: target } = await readyToCall(limited);
    const statuses = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const reply = await limited.request
          .post(`/api/v1/public/agent/${target.triggerPath}`)
          .set('X-API-Key', caller.apiKey)
          .send({ phone_number: '+14155550100' });
        return reply.status;
      }),
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(3);
    const page = await limited.request.get(path).set('X-API-Key', caller.apiKey).expect(200);
    expect(page.body.total_count).toBe(3);
  } finally {
    await limited.close();
  }
  expect((await list()).total_count).toBe(0);
  await addRuns(server, account, agent, [{}, {}]);
  await addRuns(server, account, second, [{}]);
  const agents = await server.request.get('/api/v1/workflow/fetch').set('X-API-Key', account.apiKey);
  expect(agents.body).toMatchObject([{ total_runs: 2 }, { total_runs: 1 }]);
});

test('without extensions the page and its rows have Dograh’s keys alone', async () => {
  const plain = await startTestServer({ EXTENSIONS: '' });
  try {
    const { account: caller, agent: target } = await readyToCall(plain);
    await startCall(plain, caller, target, { phone_number: '+14155550100' });
    const page = await plain.request.get(path).set('X-API-Key', caller.apiKey).expect(200);
    const { runs } = page.body as { runs: object[] };
    expect(runs.map((row) => Object.keys(row).sort())).toEqual([[...dograhKeys].sort()]);
    expect(Object.keys(page.body as object).sort()).toEqual(
      [
        'runs',
        'total_dograh_tokens',
        'total_duration_seconds',
        'total_count',
        'page',
        'limit',
        'total_pages',
      ].sort(),
    );
  } finally {
    await plain.close();
  }
});

test('a request without a key is refused', async () => {
  await server.request.get(path).expect(401);
});
