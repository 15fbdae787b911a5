/** What PATCH of a queued call changes, and what it leaves as it was. */
import { minute, QueuedCalls } from '../../../support/queued-calls';
import { addPhoneNumber } from '../../../support/telephony';

const busy = { phone_number: '+15005550011' };
const retry = { max_attempts: 2, on: ['busy'], after: ['PT1M'] };

let calls: QueuedCalls;

beforeEach(async () => {
  calls = await QueuedCalls.start({ DEFAULT_ORG_CONCURRENCY_LIMIT: '1' });
});
afterEach(() => calls.close());

/** Two calls that wait for the only slot. */
async function twoThatWait(): Promise<[number, number]> {
  await calls.trigger({ phone_number: '+15005550016' }).expect(200);
  const first = await calls.queued({ when_busy: 'wait' });
  await calls.server.advance(1000);
  return [first, await calls.queued({ when_busy: 'wait' })];
}

async function answeredFirst([one, other]: [number, number]): Promise<number> {
  await calls.server.advance(10 * minute);
  const times = [await calls.read(one), await calls.read(other)].map(({ answered_at: at }) => at ?? '');
  return times[0]! < times[1]! ? one : other;
}

test('a new reference leaves the call its place in the queue, and what it waits for', async () => {
  const both = await twoThatWait();
  const before = await calls.read(both[0]);
  const reply = await calls.patch(both[0], { reference: 'order 8', metadata: { tier: 'gold' } }).expect(200);
  expect(reply.body).toMatchObject({
    reference: 'order 8',
    due_at: before.due_at,
    waiting_for: before.waiting_for,
  });
  expect(await answeredFirst(both)).toBe(both[0]);
});

test('a call that is due and is told to be placed now keeps its place, too', async () => {
  const both = await twoThatWait();
  await calls.patch(both[0], { not_before: null }).expect(200);
  expect(await answeredFirst(both)).toBe(both[0]);
});

test('another time moves the call', async () => {
  const both = await twoThatWait();
  await calls.patch(both[0], { not_before: '2026-11-23T12:05:00Z' }).expect(200);
  expect(await answeredFirst(both)).toBe(both[1]);
});

test('two changes at once are both made', async () => {
  const runId = await calls.queued({ not_before: '2026-11-23T13:00:00Z' });
  const replies = await Promise.all([
    calls.patch(runId, { reference: 'order 8' }),
    calls.patch(runId, { metadata: { tier: 'gold' } }),
  ]);
  expect(replies.map(({ status }) => status)).toEqual([200, 200]);
  expect(await calls.read(runId)).toMatchObject({ reference: 'order 8', metadata: { tier: 'gold' } });
});

/** Lets all attempts be made that are due within 20 minutes. */
async function letEnd(): Promise<void> {
  for (let round = 0; round < 4; round += 1) {
    await calls.server.advance(5 * minute);
    await calls.server.dispatcher.placeDue();
  }
}

test('a retry that is added to a call that waits places it again; one that is taken away does not', async () => {
  const not_before = '2026-11-23T12:10:00Z';
  const added = await calls.queued({ ...busy, not_before });
  const removed = await calls.queued({ ...busy, not_before, retry });
  await calls.patch(added, { retry }).expect(200);
  await calls.patch(removed, { retry: null }).expect(200);
  await letEnd();
  expect(await calls.read(added)).toMatchObject({ status: 'busy', attempt: 2 });
  expect(await calls.read(removed)).toMatchObject({ status: 'busy', attempt: 1 });
});

test('a change of the time leaves the retry of a call as it was', async () => {
  const runId = await calls.queued({ ...busy, not_before: '2026-11-23T12:10:00Z', retry });
  await calls.patch(runId, { not_before: '2026-11-23T12:05:00Z' }).expect(200);
  await letEnd();
  expect(await calls.read(runId)).toMatchObject({ status: 'busy', attempt: 2 });
});

test.each([
  ['an interval of zero', { ...retry, after: ['PT0S'] }, ['body', 'retry', 'after', 0]],
  ['eleven attempts', { ...retry, max_attempts: 11 }, ['body', 'retry', 'max_attempts']],
])('a retry with %s is refused with its place, as at the trigger', async (_title, wrong, loc) => {
  const runId = await calls.queued({ not_before: '2026-11-23T12:10:00Z' });
  const replies = [await calls.patch(runId, { retry: wrong }), await calls.trigger({ retry: wrong })];
  for (const { status, body } of replies) {
    expect([status, (body as { detail: object[] }).detail]).toMatchObject([422, [{ loc }]]);
  }
});

test('a call with a caller ID of its own cannot be made to show another one at each attempt', async () => {
  const { id } = await addPhoneNumber(calls.server, calls.account, calls.configurationId, {
    address: '+14155550199',
  });
  const runId = await calls.queued({ not_before: '2026-11-23T12:10:00Z', from_phone_number_id: id });
  const reply = await calls.patch(runId, { retry: { ...retry, rotate_caller_id: true } }).expect(422);
  expect(reply.body).toMatchObject({ detail: [{ loc: ['body', 'retry', 'rotate_caller_id'] }] });
});
