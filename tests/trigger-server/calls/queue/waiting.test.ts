/** Calls that wait: for their time, for the hours of the callee, and for a slot. */
import type { Run } from '@dograh-trigger/shared';
import { readRun } from '../../../support/calls';
import { policyPath } from '../../../support/destination-policy';
import { hour, minute, QueuedCalls } from '../../../support/queued-calls';
import type { Account, TestServer } from '../../../support/test-server';

let calls: QueuedCalls;
let server: TestServer;
let account: Account;

async function start(environment: Record<string, string> = {}): Promise<void> {
  calls = await QueuedCalls.start(environment);
  ({ server, account } = calls);
}

beforeEach(() => start());
afterEach(() => calls.close());

const trigger: QueuedCalls['trigger'] = (...request) => calls.trigger(...request);
const queued: QueuedCalls['queued'] = (...request) => calls.queued(...request);
const statusOf = (runId: number) => calls.statusOf(runId);

test('a call with not_before is accepted with 202, waits, and is placed at that instant', async () => {
  const reply = await trigger({ not_before: '2026-11-23T14:00:00+01:00', reference: 'order 7' }).expect(202);
  const { workflow_run_id: runId, ...rest } = reply.body as Record<string, unknown>;
  expect(rest).toEqual({ status: 'queued', workflow_run_name: expect.stringMatching(/^WR-API-\d{4}$/) });
  expect(reply.headers.location).toBe(`/api/v1/workflow/${String(calls.agent.id)}/runs/${String(runId)}`);
  const id = Number(runId);
  expect(await readRun(server, account, id)).toMatchObject({
    status: 'queued',
    is_completed: false,
    waiting_for: 'time',
    due_at: '2026-11-23T13:00:00.000Z',
    reference: 'order 7',
  });
  await server.advance(hour - 1000);
  expect(await statusOf(id)).toBe('queued');
  await server.advance(1000 + 300);
  expect(await readRun(server, account, id)).toMatchObject({
    status: 'ringing',
    waiting_for: null,
    due_at: null,
  });
  await server.advance(minute);
  expect(await statusOf(id)).toBe('completed');
});

test('without these fields nothing changes: the call is placed at once, with 200 and three keys', async () => {
  const reply = await trigger({}).expect(200);
  expect(Object.keys(reply.body as object)).toEqual(['status', 'workflow_run_id', 'workflow_run_name']);
  expect(reply.body).toMatchObject({ status: 'initiated' });
});

test('a repeat with the key of a queued call is answered with the same 202, before and after the call', async () => {
  const body = { not_before: '2026-11-23T13:00:00Z' };
  const runId = await queued(body, 'key-1');
  for (const wait of [0, 2 * hour]) {
    await server.advance(wait);
    const repeat = await trigger(body, 'key-1').expect(202);
    expect(repeat.body).toMatchObject({ status: 'queued', workflow_run_id: runId });
    expect(repeat.headers['idempotency-replayed']).toBe('true');
  }
  expect(await statusOf(runId)).toBe('completed');
});

test('a call that may wait for a slot is placed when one becomes free, and a queued call takes none', async () => {
  await server.close();
  await start({ DEFAULT_ORG_CONCURRENCY_LIMIT: '1' });
  const later = await queued({ not_before: '2026-11-23T20:00:00Z' });
  const first = await trigger({ phone_number: '+15005550011' }).expect(200);
  await trigger({}).expect(429);
  const waiting = await queued({ when_busy: 'wait' });
  expect(await readRun(server, account, waiting)).toMatchObject({ status: 'queued', waiting_for: 'slot' });
  await server.advance(minute);
  expect(await statusOf((first.body as { workflow_run_id: number }).workflow_run_id)).toBe('busy');
  expect(await statusOf(waiting)).toBe('completed');
  expect(await statusOf(later)).toBe('queued');
});

test('calls of a key are placed in the order of their due times, and then of their arrival', async () => {
  await server.close();
  await start({ DEFAULT_ORG_CONCURRENCY_LIMIT: '1' });
  const due = ['13:00', '13:00', '12:30', '13:00'];
  const ids: number[] = [];
  for (const time of due) ids.push(await queued({ not_before: `2026-11-23T${time}:00Z`, when_busy: 'wait' }));
  await server.advance(2 * hour);
  const runs: Run[] = [];
  for (const id of ids) runs.push(await readRun(server, account, id));
  const order = [...runs].sort((a, b) => (a.answered_at! < b.answered_at! ? -1 : 1)).map(({ id }) => id);
  expect(order).toEqual([ids[2], ids[0], ids[1], ids[3]]);
});

test('two keys take turns, however many calls one of them has', async () => {
  await server.close();
  await start({ DEFAULT_ORG_CONCURRENCY_LIMIT: '1' });
  const second = await calls.anotherKey();
  const ids: number[] = [];
  for (let n = 0; n < 6; n += 1)
    ids.push(await queued({ not_before: '2026-11-23T12:10:00Z', when_busy: 'wait' }));
  const late = await queued({ not_before: '2026-11-23T12:11:00Z' }, undefined, second);
  await server.advance(3 * hour);
  const answered = async (id: number) => (await readRun(server, account, id)).answered_at!;
  const times = await Promise.all(ids.map(answered));
  const before = times.filter((time) => time < '2026-11-23T12:11:00').length;
  const lateTime = await answered(late);
  // Of the calls that were still waiting then, at most one was placed before it.
  expect(times.filter((time) => time < lateTime).length).toBeLessThanOrEqual(before + 1);
});

test('a call outside the hours is refused, or waits until they open', async () => {
  await server.request
    .put(policyPath)
    .set('Authorization', `Bearer ${account.token}`)
    .send({
      calling_hours: {
        windows: [{ from: '09:00', to: '12:00', days: ['monday', 'tuesday'] }],
        time_zone: 'Europe/Berlin',
      },
    })
    .expect(200);
  await trigger({}).expect(422);
  const runId = await queued({ outside_hours: 'wait' });
  expect(await readRun(server, account, runId)).toMatchObject({
    status: 'queued',
    waiting_for: 'hours',
    due_at: '2026-11-24T08:00:00.000Z',
  });
  await server.advance(20 * hour - 1000);
  expect(await statusOf(runId)).toBe('queued');
  await server.advance(minute);
  expect(await statusOf(runId)).toBe('completed');
});

test('the hours of a call are those of its time_zone', async () => {
  await server.request
    .put(policyPath)
    .set('Authorization', `Bearer ${account.token}`)
    .send({ calling_hours: { windows: [{ from: '09:00', to: '17:00' }] } })
    .expect(200);
  // 12:00 UTC is 04:00 in Los Angeles, where +1 415 is, and 13:00 in Berlin.
  const refused = await trigger({}).expect(422);
  expect(refused.body).toMatchObject({
    detail: [
      {
        ctx: { zones: ['America/Los_Angeles'], zone_source: 'prefix', opens_at: '2026-11-23T17:00:00.000Z' },
      },
    ],
  });
  expect(refused.headers['retry-after']).toBe(String(5 * 60 * 60));
  await trigger({ time_zone: 'Europe/Berlin' }).expect(200);
  const waiting = await queued({ outside_hours: 'wait' });
  expect(await readRun(server, account, waiting)).toMatchObject({ due_at: '2026-11-23T17:00:00.000Z' });
});

test('a call that could not be placed by not_after expires, with its event, and is never placed', async () => {
  await server.close();
  await start({ DEFAULT_ORG_CONCURRENCY_LIMIT: '1' });
  await trigger({ phone_number: '+15005550016' }).expect(200);
  const runId = await queued({ when_busy: 'wait', not_after: '2026-11-23T12:00:05Z' });
  await server.advance(10_000);
  expect(await readRun(server, account, runId)).toMatchObject({
    status: 'expired',
    reason: 'expired',
    is_completed: true,
    completed_at: expect.any(String),
  });
  await server.advance(hour);
  expect(await readRun(server, account, runId)).toMatchObject({ status: 'expired', answered_at: null });
});

test('a queued call is canceled at once', async () => {
  const runId = await queued({ not_before: '2026-11-23T13:00:00Z' });
  const reply = await server.request
    .post(`/api/v1/workflow/0/runs/${String(runId)}/cancel`)
    .set('X-API-Key', account.apiKey)
    .send()
    .expect(202);
  expect(reply.body).toEqual({ status: 'canceled', workflow_run_id: runId });
  expect(await readRun(server, account, runId)).toMatchObject({ status: 'canceled', reason: 'canceled' });
  await server.advance(2 * hour);
  expect(await statusOf(runId)).toBe('canceled');
});

test('a queued call of an archived agent is canceled at its time, and says why', async () => {
  const runId = await queued({ not_before: '2026-11-23T13:00:00Z' });
  await server.request
    .put(`/api/v1/workflow/${String(calls.agent.id)}/status`)
    .set('X-API-Key', account.apiKey)
    .send({ status: 'archived' })
    .expect(200);
  await server.advance(2 * hour);
  expect(await readRun(server, account, runId)).toMatchObject({
    status: 'canceled',
    reason: 'agent_archived',
    dial_detail: 'The agent of this call is archived, so nobody was called.',
  });
});

test('a queued call to a number that is added to the do-not-call list ends at once, and is never placed', async () => {
  const runId = await queued({ not_before: '2026-11-23T13:00:00Z' });
  await server.request
    .put('/api/v1/organizations/do-not-call/+14155550100')
    .set('X-API-Key', account.apiKey)
    .send({ reason: 'asked' })
    .expect(200);
  expect(await readRun(server, account, runId)).toMatchObject({ status: 'canceled', reason: 'do_not_call' });
  await server.advance(2 * hour);
  expect(await readRun(server, account, runId)).toMatchObject({ status: 'canceled', answered_at: null });
});

test('an entry of the do-not-call list that ends in time leaves the calls that are due after it', async () => {
  const during = await queued({ not_before: '2026-11-23T13:00:00Z' });
  const after = await queued({ not_before: '2026-11-23T15:00:00Z' });
  await server.request
    .put('/api/v1/organizations/do-not-call/+14155550100')
    .set('X-API-Key', account.apiKey)
    .send({ until: '2026-11-23T14:00:00Z' })
    .expect(200);
  expect([await statusOf(during), await statusOf(after)]).toEqual(['canceled', 'queued']);
  await server.advance(4 * hour);
  expect([await statusOf(during), await statusOf(after)]).toEqual(['canceled', 'completed']);
});

test('the key of a queued call may be archived: the call was accepted', async () => {
  const runId = await queued({ not_before: '2026-11-23T13:00:00Z' });
  const keys = await server.request
    .get('/api/v1/user/api-keys')
    .set('Authorization', `Bearer ${account.token}`);
  const [{ id }] = keys.body as [{ id: number }];
  await server.request
    .delete(`/api/v1/user/api-keys/${String(id)}`)
    .set('Authorization', `Bearer ${account.token}`)
    .expect(200);
  await server.advance(2 * hour);
  const run = await server.request
    .get(`/api/v1/workflow/0/runs/${String(runId)}`)
    .set('Authorization', `Bearer ${account.token}`);
  expect(run.body).toMatchObject({ status: 'completed' });
});

test('a clock that jumps back places no call twice', async () => {
  const runId = await queued({ not_before: '2026-11-23T12:30:00Z' });
  await server.advance(31 * minute);
  expect(await statusOf(runId)).toBe('completed');
  const { answered_at: answeredAt } = await readRun(server, account, runId);
  server.clock.jump(-hour);
  await server.advance(2 * hour);
  expect(await readRun(server, account, runId)).toMatchObject({
    status: 'completed',
    answered_at: answeredAt,
  });
});

test('PATCH moves a queued call, and is refused once it has been placed', async () => {
  const runId = await queued({ not_before: '2026-11-23T13:00:00Z', reference: 'a' });
  const patch = (body: object) => calls.patch(runId, body);
  const changed = await patch({ not_before: '2026-11-23T15:00:00Z', metadata: { tier: 'gold' } }).expect(200);
  expect(changed.body).toMatchObject({
    due_at: '2026-11-23T15:00:00.000Z',
    reference: 'a',
    metadata: { tier: 'gold' },
  });
  await server.advance(2 * hour);
  expect(await statusOf(runId)).toBe('queued');
  await patch({ not_before: null }).expect(200);
  await server.advance(minute);
  expect(await statusOf(runId)).toBe('completed');
  const refused = await patch({ not_before: '2026-11-23T20:00:00Z' }).expect(409);
  expect(refused.body).toMatchObject({ code: 'not_queued' });
});

test.each([
  ['an instant without an offset', { not_before: '2026-11-24T09:00:00' }, 'not_before', 'offset'],
  [
    'not_after before not_before',
    { not_before: '2026-11-24T09:00:00Z', not_after: '2026-11-24T08:00:00Z' },
    'not_after',
    'later than not_before',
  ],
  ['not_after in the past', { not_after: '2026-11-23T11:59:59Z' }, 'not_after', 'has passed'],
  ['an instant in two years', { not_before: '2028-11-24T09:00:00Z' }, 'not_before', '366 days'],
  ['an unknown zone', { time_zone: 'Mars/Base' }, 'time_zone', 'IANA'],
  [
    '17 metadata keys',
    { metadata: Object.fromEntries(Array.from({ length: 17 }, (_, n) => [String(n), ''])) },
    'metadata',
    '16',
  ],
  ['a choice that does not exist', { when_busy: 'queue' }, 'when_busy', 'refuse'],
])('%s is refused at its place, and the refusal says what is right', async (_, body, field, words) => {
  const reply = await trigger(body).expect(422);
  const [{ loc, msg }] = (reply.body as { detail: [{ loc: string[]; msg: string }] }).detail;
  expect(loc.slice(0, 2)).toEqual(['body', field]);
  expect(msg).toContain(words);
});

test('while scheduling is off, its fields are refused, because a phone would ring at another time', async () => {
  await server.close();
  await start({ EXTENSIONS: 'idempotency-key,hooks' });
  const reply = await trigger({ not_before: '2026-11-24T09:00:00Z' }).expect(422);
  expect(reply.body).toMatchObject({ code: 'unknown_field' });
});
