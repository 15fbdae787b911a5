/** The pauses before a call is repeated: for a free slot, or for the server's Retry-After. */
import { rejectionOf } from '../../support/caught';
import { busy, call, carrierAway, dial, draining, keyed, placed } from '../../support/client-answers';
import { type Answer, json, scriptedClient } from '../../support/scripted-client';

describe('waits out a 429 within busyWaitSeconds', () => {
  test('in steps of the server’s Retry-After', async () => {
    const step = { ...busy, headers: { 'retry-after': '4' } };
    const { client, pauses, calls } = scriptedClient([step, step, placed]);
    expect((await client.triggerCall({ ...call, busyWaitSeconds: 10 })).runId).toBe(12);
    expect(pauses).toEqual([4, 4]);
    expect(calls()).toEqual([dial, dial, dial]);
  });

  test('without Retry-After in steps of 1, 2, 4, 8 and 10 seconds, the last one shortened to fit', async () => {
    const { client, pauses } = scriptedClient(Array<Answer>(8).fill(busy));
    expect((await rejectionOf(client.triggerCall({ ...call, busyWaitSeconds: 38 }))).code).toBe('busy');
    expect(pauses).toEqual([1, 2, 4, 8, 10, 10, 3]);
  });

  test('each step shortened at random by up to a half', async () => {
    const { client, pauses } = scriptedClient([busy, busy, placed], { random: () => 0 });
    await client.triggerCall({ ...call, busyWaitSeconds: 30 });
    expect(pauses).toEqual([0.5, 1]);
  });

  test('not at all when Retry-After is longer than the time left', async () => {
    const { client, pauses } = scriptedClient([{ ...busy, headers: { 'retry-after': '60' } }]);
    const error = await rejectionOf(client.triggerCall({ ...call, busyWaitSeconds: 30 }));
    expect(error).toMatchObject({ code: 'busy', status: 429, retryAfterSeconds: 60 });
    expect(pauses).toEqual([]);
  });

  test('a Retry-After of 0 counts as a second, so that the wait ends', async () => {
    const step = { ...busy, headers: { 'retry-after': '0' } };
    const { client, pauses } = scriptedClient([step, step, step, step]);
    await rejectionOf(client.triggerCall({ ...call, busyWaitSeconds: 3 }));
    expect(pauses).toEqual([1, 1, 1]);
  });

  test('until it is canceled: nothing was dialled', async () => {
    const controller = new AbortController();
    const { client, calls } = scriptedClient([busy], {
      sleep: () => {
        controller.abort();
        return Promise.reject(new Error('sleep was interrupted'));
      },
    });
    const waiting = client.triggerCall({ ...call, busyWaitSeconds: 30, signal: controller.signal });
    expect((await rejectionOf(waiting)).code).toBe('canceled');
    expect(calls()).toEqual([dial]);
  });
});

describe('after an answer with Retry-After that nothing was dialled', () => {
  const databaseFull = json(503, { detail: 'x', code: 'database_unavailable' }, { 'retry-after': '2' });

  test.each<[string, Answer, number]>([
    ['a carrier that is away', carrierAway, 4],
    ['a server that stops', draining, 5],
    ['a database that takes nothing', databaseFull, 2],
  ])(
    '%s: repeats the request after that time, without a key and without a search',
    async (_, answer, seconds) => {
      for (const request of [call, keyed]) {
        const { client, calls, pauses } = scriptedClient([answer, answer, placed]);
        expect((await client.triggerCall(request)).runId).toBe(12);
        expect(calls()).toEqual([dial, dial, dial]);
        expect(pauses).toEqual([seconds, seconds]);
      }
    },
  );

  test('repeats it at most twice; then the error has the Retry-After', async () => {
    const { client, calls } = scriptedClient([carrierAway, carrierAway, carrierAway]);
    const error = await rejectionOf(client.triggerCall(call));
    expect(error).toMatchObject({ code: 'busy', status: 400, retryAfterSeconds: 4, nothingDialled: true });
    expect(calls()).toHaveLength(3);
  });

  test('does not wait when Retry-After is too long', async () => {
    const later = { ...carrierAway, headers: { 'retry-after': '21' } };
    const { client, calls } = scriptedClient([later]);
    expect(await rejectionOf(client.triggerCall(call))).toMatchObject({ retryAfterSeconds: 21 });
    expect(calls()).toEqual([dial]);
  });

  test('does not repeat it for a host that replays by itself', async () => {
    const { client, calls } = scriptedClient([carrierAway], { repeatsDials: false });
    expect((await rejectionOf(client.triggerCall(keyed))).code).toBe('busy');
    expect(calls()).toEqual([dial]);
  });

  test('counts waits for a slot and for the carrier separately: busyWaitSeconds limits the former only', async () => {
    const full = { ...busy, headers: { 'retry-after': '10' } };
    const { client, pauses } = scriptedClient([carrierAway, carrierAway, full, full, placed]);
    expect((await client.triggerCall({ ...call, busyWaitSeconds: 20 })).runId).toBe(12);
    expect(pauses).toEqual([4, 4, 10, 10]);
  });
});
