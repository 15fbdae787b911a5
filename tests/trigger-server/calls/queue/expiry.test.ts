/** A call that was not placed by `not_after` is never placed, however late the server comes to it. */
import type { CallCompletedEvent } from '@dograh-trigger/shared';
import { minute, QueuedCalls } from '../../../support/queued-calls';
import { deliverDue, receiversAllowed, startReceiver } from '../../../support/webhooks';

let calls: QueuedCalls;

beforeEach(async () => {
  calls = await QueuedCalls.start({ ...receiversAllowed, DEFAULT_ORG_CONCURRENCY_LIMIT: '200' });
});
afterEach(() => calls.close());

const dueAt = '2026-11-23T12:10:00Z';
const notAfter = '2026-11-23T12:20:00Z';

test('of 120 calls that expired while no server worked, none is placed', async () => {
  const ids: number[] = [];
  for (let n = 0; n < 120; n += 1) {
    ids.push(await calls.queued({ not_before: dueAt, not_after: notAfter }));
  }
  calls.server.clock.pass(30 * minute);
  await calls.server.advance(minute);
  const runs = await Promise.all(ids.map((id) => calls.read(id)));
  expect(new Set(runs.map(({ status, answered_at: at }) => `${status ?? ''} ${at ?? 'never'}`))).toEqual(
    new Set(['expired never']),
  );
});

test('the end of an expired call is told to its callback URL', async () => {
  const receiver = await startReceiver();
  try {
    const runId = await calls.queued({ not_before: dueAt, not_after: notAfter, callback_url: receiver.url });
    calls.server.clock.pass(30 * minute);
    await calls.server.advance(minute);
    await deliverDue(calls.server);
    const events = receiver.requests.map(({ body }) => JSON.parse(body.toString()) as CallCompletedEvent);
    expect(events).toMatchObject([{ type: 'call.completed', data: { id: runId, status: 'expired' } }]);
  } finally {
    await receiver.close();
  }
});

test('a server that is paused between the claim of a call and its dial, until it has expired, calls nobody', async () => {
  const runId = await calls.queued({ not_before: dueAt, not_after: '2026-11-23T12:10:05Z' });
  const { storage, clock } = calls.server.services;
  const write = storage.writeTogether.bind(storage);
  jest.spyOn(storage, 'writeTogether').mockImplementationOnce(async (body, item) => {
    const result = await write(body, item);
    calls.server.clock.pass(6000);
    return result;
  });
  await calls.server.advance(11 * minute);
  expect(clock.now() > new Date(dueAt)).toBe(true);
  expect(await calls.read(runId)).toMatchObject({ status: 'expired', answered_at: null });
});

test('a change that puts not_after off is kept, also while the server ends expired calls', async () => {
  const runId = await calls.queued({ not_before: dueAt, not_after: notAfter });
  const { storage } = calls.server.services;
  const write = storage.write.bind(storage);
  let isChanged = false;
  // The server has found that the call has expired, and is about to end it.
  jest.spyOn(storage, 'write').mockImplementation(async (body) => {
    if (!isChanged && calls.server.clock.now() > new Date(notAfter)) {
      isChanged = true;
      calls.server.clock.jump(-15 * minute);
      await calls.patch(runId, { not_after: '2026-11-23T14:00:00Z' }).expect(200);
      calls.server.clock.jump(15 * minute);
    }
    return write(body);
  });
  calls.server.clock.pass(21 * minute);
  await calls.server.advance(minute);
  expect(isChanged).toBe(true);
  expect(await calls.statusOf(runId)).toBe('completed');
});
