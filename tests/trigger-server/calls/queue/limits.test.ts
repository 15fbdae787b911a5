/** What bounds the calls that wait: the daily limit of a key, and the hours of the callee. */
import { definitionWith, publish, saveDraft } from '../../../support/agents';
import { policyPath } from '../../../support/destination-policy';
import { day, hour, minute, QueuedCalls } from '../../../support/queued-calls';

let calls: QueuedCalls;

beforeEach(async () => {
  calls = await QueuedCalls.start();
});
afterEach(() => calls.close());

async function savePolicy(policy: object): Promise<void> {
  await calls.server.request
    .put(policyPath)
    .set('Authorization', `Bearer ${calls.account.token}`)
    .send(policy)
    .expect(200);
}

const statuses = (ids: readonly number[]) => Promise.all(ids.map((id) => calls.statusOf(id)));

test('a queued call counts on the day of its dial: those beyond the daily limit of their key wait for the next day', async () => {
  await savePolicy({ daily_calls_per_key: 2 });
  const ids: number[] = [];
  for (let n = 0; n < 5; n += 1) ids.push(await calls.queued({ not_before: '2026-11-25T12:00:00Z' }));
  await calls.server.advance(2 * day + minute);
  expect(await statuses(ids)).toEqual(['completed', 'completed', 'queued', 'queued', 'queued']);
  expect(await calls.read(ids[2]!)).toMatchObject({
    due_at: '2026-11-26T00:00:00.000Z',
    waiting_for: 'time',
  });
  await calls.server.advance(day);
  expect(await statuses(ids)).toEqual(['completed', 'completed', 'completed', 'completed', 'queued']);
});

test('a queued call that is canceled does not count towards the daily limit', async () => {
  await savePolicy({ daily_calls_per_key: 1 });
  const runId = await calls.queued({ not_before: '2026-11-23T13:00:00Z' });
  await calls.server.request
    .post(`/api/v1/workflow/0/runs/${String(runId)}/cancel`)
    .set('X-API-Key', calls.account.apiKey)
    .expect(202);
  await calls.trigger({}).expect(200);
});

test('a refusal by the hours says when the same request is accepted, also one with not_before', async () => {
  await savePolicy({ calling_hours: { windows: [{ from: '09:00', to: '17:00' }], time_zone: 'UTC' } });
  const request = { not_before: '2026-11-23T18:00:00Z' };
  const refused = await calls.trigger(request).expect(422);
  expect(refused.body).toMatchObject({ detail: [{ ctx: { opens_at: '2026-11-24T09:00:00.000Z' } }] });
  const seconds = Number(refused.headers['retry-after']);
  expect(seconds).toBe(21 * 60 * 60);
  await calls.server.advance(seconds * 1000);
  await calls.trigger(request).expect(200);
});

// In 2027, clocks in Berlin go forward on 28 March and back on 31 October; in New York on 14 March and 7 November.
test.each([
  ['Europe/Berlin', '2027-03-27T23:00:00Z', '2027-03-28T07:00:00.000Z'],
  ['Europe/Berlin', '2027-10-30T23:00:00Z', '2027-10-31T08:00:00.000Z'],
  ['America/New_York', '2027-03-14T04:30:00Z', '2027-03-14T13:00:00.000Z'],
  ['America/New_York', '2027-11-07T04:30:00Z', '2027-11-07T14:00:00.000Z'],
])(
  'on the day its clocks change, a call to %s waits until 09:00 there',
  async (timeZone, notBefore, opensAt) => {
    await savePolicy({ calling_hours: { windows: [{ from: '09:00', to: '17:00' }] } });
    const runId = await calls.queued({
      not_before: notBefore,
      outside_hours: 'wait',
      time_zone: timeZone,
    });
    expect(await calls.read(runId)).toMatchObject({ due_at: opensAt, waiting_for: 'hours' });
    calls.server.clock.pass(Date.parse(opensAt) - calls.server.clock.now().getTime() - 1000);
    await calls.server.dispatcher.placeDue();
    expect(await calls.statusOf(runId)).toBe('queued');
    await calls.server.advance(minute);
    expect(await calls.statusOf(runId)).toBe('completed');
  },
);

test('a call with a pinned version says what was published at its request, another one what is published at its dial', async () => {
  const body = { not_before: '2026-11-23T13:00:00Z' };
  const pinned = await calls.queued({ ...body, pin_version: true });
  const current = await calls.queued(body);
  const before = await calls.read(pinned);
  await saveDraft(calls.server, calls.account, calls.agent, {
    workflow_definition: definitionWith({ triggerPath: calls.agent.triggerPath, greeting: 'New words' }),
  });
  await publish(calls.server, calls.account, calls.agent);
  await calls.server.advance(2 * hour);
  expect((await calls.read(pinned)).definition_id).toBe(before.definition_id);
  expect((await calls.read(current)).definition_id).not.toBe(before.definition_id);
});

test.each([
  ['a reference of 256 characters', { reference: 'a'.repeat(256) }, 'reference'],
  ['a name of 41 characters in metadata', { metadata: { ['a'.repeat(41)]: '' } }, 'metadata'],
  ['a value of 501 characters in metadata', { metadata: { a: 'a'.repeat(501) } }, 'metadata'],
])('%s is refused at its place, by POST and by PATCH', async (_, body, field) => {
  const runId = await calls.queued({ not_before: '2026-11-23T13:00:00Z' });
  for (const reply of [await calls.trigger(body), await calls.patch(runId, body)]) {
    expect(reply.status).toBe(422);
    expect(reply.body).toMatchObject({
      detail: [{ loc: expect.arrayContaining(['body', field]) as unknown }],
    });
  }
});
