/** Whatever the due times, ends and keys of queued calls are: order, turns and times hold. */
import fc from 'fast-check';
import { minute, QueuedCalls } from '../../../support/queued-calls';
import { findProvider } from '../../../../trigger-server/src/carriers/registry';

let calls: QueuedCalls;
let dialled: { runId: number; at: number }[];

beforeAll(async () => {
  calls = await QueuedCalls.start({ DEFAULT_ORG_CONCURRENCY_LIMIT: '1' });
  const sandbox = findProvider('sandbox');
  if (sandbox === undefined) throw new Error('There is no sandbox');
  const placeCall = sandbox.placeCall.bind(sandbox);
  jest.spyOn(sandbox, 'placeCall').mockImplementation((configuration, call, tools) => {
    dialled.push({ runId: call.runId, at: calls.server.clock.now().getTime() });
    return placeCall(configuration, call, tools);
  });
});
afterAll(() => calls.close());

const request = fc.record({
  /** Seconds from the start. */
  due: fc.integer({ min: 1, max: 20 }),
  lasts: fc.option(fc.integer({ min: 1, max: 10 }), { nil: null }),
  key: fc.constantFrom(0, 1, 2),
});

test('calls of a key are dialled by due time and arrival, keys take turns, and no call is dialled before its time or after its end', async () => {
  const keys = [calls.account, await calls.anotherKey(), await calls.anotherKey()];
  await fc.assert(
    fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 14 }), async (requests) => {
      dialled = [];
      const start = calls.server.clock.now().getTime();
      const instant = (seconds: number) => new Date(start + seconds * 1000).toISOString();
      const queued: { runId: number; key: number; due: number; end: number }[] = [];
      for (const { due, lasts, key } of requests) {
        const end = lasts === null ? Infinity : due + lasts;
        const body = {
          not_before: instant(due),
          ...(lasts === null ? {} : { not_after: instant(due + lasts) }),
        };
        queued.push({ runId: await calls.queued(body, undefined, keys[key]), key, due, end });
      }
      await calls.server.advance(3 * minute);
      await calls.server.dispatcher.placeDue();

      const at = new Map(dialled.map((dial) => [dial.runId, (dial.at - start) / 1000]));
      expect(at.size).toBe(dialled.length);
      for (const { runId, due, end } of queued) {
        const dialledAt = at.get(runId);
        expect(await calls.statusOf(runId)).toBe(dialledAt === undefined ? 'expired' : 'completed');
        if (dialledAt === undefined) continue;
        expect(dialledAt).toBeGreaterThanOrEqual(due);
        expect(dialledAt).toBeLessThan(end);
      }
      for (const key of [0, 1, 2]) {
        const own = queued.filter((one) => one.key === key && at.has(one.runId));
        const byDial = [...own].sort((a, b) => (at.get(a.runId) ?? 0) - (at.get(b.runId) ?? 0));
        const byTime = [...own].sort((a, b) => a.due - b.due || a.runId - b.runId);
        expect(byDial).toEqual(byTime);
      }
      // While a call of another key waits, no key has two turns one after the other.
      const order = dialled.map(({ runId }) => queued.find((one) => one.runId === runId));
      for (const [place, one] of order.entries()) {
        const next = order[place + 1];
        if (one === undefined || next?.key !== one.key) continue;
        const waiting = queued.filter((other) => {
          const dialledAt = at.get(other.runId) ?? Infinity;
          const now = at.get(one.runId) ?? 0;
          return other.key !== one.key && other.due <= now && dialledAt > now && other.end === Infinity;
        });
        expect(waiting).toEqual([]);
      }
    }),
    { numRuns: 8, seed: 17 },
  );
}, 300_000);
