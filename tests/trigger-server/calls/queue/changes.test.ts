/** What PATCH of a queued call changes, and what it leaves as it was. */
import { minute, QueuedCalls } from '../../../support/queued-calls';

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
