/** The database commits a write of a call that waits, and its reply is lost. */
import { endUndialled } from '../../../../trigger-server/src/calls/resume-calls';
import type { DialResult } from '../../../../trigger-server/src/carriers/port/call';
import { findProvider } from '../../../../trigger-server/src/carriers/registry';
import { UnknownCommit } from '../../../../trigger-server/src/storage/port';
import { policyPath } from '../../../support/destination-policy';
import { minute, QueuedCalls } from '../../../support/queued-calls';

let calls: QueuedCalls;
beforeEach(async () => {
  calls = await QueuedCalls.start();
});
afterEach(async () => {
  jest.restoreAllMocks();
  await calls.close();
});

const lost = () => new UnknownCommit('lost', new Error('lost'));

test('a call that may wait only for its number, and may be in the queue, is a 504: the caller is not told to send it again', async () => {
  const { server, account } = calls;
  await server.request
    .put(policyPath)
    .set('Authorization', `Bearer ${account.token}`)
    .send({ max_calls_per_number: { calls: 1, window: 'PT1H' } })
    .expect(200);
  await calls.trigger({}).expect(200);
  const write = server.storage.writeTogether.bind(server.storage);
  jest.spyOn(server.storage, 'writeTogether').mockImplementationOnce(async (body, item) => {
    await write(body, item);
    throw lost();
  });
  const reply = await calls.trigger({ outside_hours: 'wait' });
  expect(reply.status).toBe(504);
  expect(reply.headers).not.toHaveProperty('retry-after');
  expect(reply.body).toMatchObject({ code: 'outcome_unknown' });
  expect(await calls.read(2)).toMatchObject({ status: 'queued', waiting_for: 'number_limit' });
});

test('a call is not dialled again while its dial is under way, although the outcome of its last dial is written once more', async () => {
  const { server } = calls;
  const sandbox = findProvider('sandbox');
  if (sandbox === undefined) throw new Error('There is no sandbox');
  const replies: ((result: DialResult) => void)[] = [];
  const dial = jest
    .spyOn(sandbox, 'placeCall')
    .mockResolvedValueOnce({
      outcome: 'not_sent',
      detail: 'busy',
      code: 'carrier_busy',
      retryAfterSeconds: 1,
    })
    .mockImplementation(() => new Promise((resolve) => replies.push(resolve)));
  const runId = await calls.queued({ not_before: '2026-11-23T12:01:00Z' });
  const write = server.storage.write.bind(server.storage);
  let losses = 0;
  jest.spyOn(server.storage, 'write').mockImplementation(async (body) => {
    const result = await write(body);
    // The outcome, and its first repetition.
    if (dial.mock.calls.length === 1 && losses < 2 && String(body).includes('writeOutcome')) {
      losses += 1;
      throw lost();
    }
    return result;
  });

  await server.advance(minute);
  for (let second = 0; second < 6; second += 1) {
    await server.dispatcher.placeDue();
    await server.advance(1000);
  }
  expect(losses).toBe(2);
  expect(dial).toHaveBeenCalledTimes(2);
  await endUndialled(server.services);
  expect(await calls.statusOf(runId)).toBe('initiated');
  for (let second = 0; second < 6; second += 1) {
    await server.dispatcher.placeDue();
    await server.advance(1000);
  }
  expect(dial).toHaveBeenCalledTimes(2);
  for (const reply of replies) reply({ outcome: 'placed', callId: 'call-2', callerNumber: null });
  await server.advance(1000);
  expect((await calls.read(runId)).gathered_context?.call_id).toBe('call-2');
});
