import fc from 'fast-check';
import {
  nextRead,
  pauseOf,
  requestMilliseconds,
  type NextRead,
  type WatchedCall,
} from '../../../../trigger-server/src/calls/following/pace';

const rowsOfPage = 100;
const roundMilliseconds = 500;

interface SimulatedCall {
  id: number;
  dialledAt: number;
  readAt: number[];
  readAloneAt: number[];
}

/** The requests of one account whose calls all go on, as the server makes them. Its list has the newest first. */
function simulate(starts: readonly number[], seconds: number) {
  const calls: SimulatedCall[] = starts.map((dialledAt, id) => ({
    id,
    dialledAt,
    readAt: [],
    readAloneAt: [],
  }));
  const sentAt: number[] = [];
  let freeAt = 0;
  let nextPage = 1;
  let wasReadLast = false;
  for (let now = 0; now < seconds * 1000; now += roundMilliseconds) {
    const open = calls.filter(({ dialledAt }) => dialledAt <= now);
    if (now < freeAt) continue;
    const watched = open.map((call) => ({
      call,
      callId: String(call.id),
      age: now - call.dialledAt,
      sinceRead: now - (call.readAt.at(-1) ?? call.dialledAt),
      sinceReadAlone: now - (call.readAloneAt.at(-1) ?? call.dialledAt),
      hasEnded: false,
      isUnlisted: false,
    }));
    const next: NextRead<(typeof watched)[number]> | null = nextRead(watched, {
      nextPage,
      isReadable: true,
      wasReadLast,
    });
    if (next === null) continue;
    wasReadLast = next.kind === 'page';
    sentAt.push(now);
    freeAt = now + requestMilliseconds;
    if (next.kind === 'call') {
      next.call.call.readAt.push(now);
      next.call.call.readAloneAt.push(now);
      continue;
    }
    const newestFirst = open.toReversed();
    for (const call of newestFirst.slice((next.page - 1) * rowsOfPage, next.page * rowsOfPage)) {
      call.readAt.push(now);
    }
    nextPage = next.page * rowsOfPage >= open.length ? 1 : next.page + 1;
  }
  return { calls, sentAt };
}

const startsWithin = (seconds: number, most: number) =>
  fc
    .array(fc.integer({ min: 0, max: seconds * 1000 }), { minLength: 1, maxLength: most })
    .map((starts) => starts.toSorted((one, other) => one - other));

test('there is never more than one request a second, however many calls are open', () => {
  fc.assert(
    fc.property(startsWithin(60, 600), (starts) => {
      const { sentAt } = simulate(starts, 120);
      sentAt.forEach((at, index) => {
        if (index > 0) expect(at - (sentAt[index - 1] ?? 0)).toBeGreaterThanOrEqual(requestMilliseconds);
      });
    }),
    { numRuns: 30 },
  );
});

test('each of up to 500 open calls is read at least every 30 seconds and a turn of the list', () => {
  fc.assert(
    fc.property(startsWithin(60, 500), (starts) => {
      const seconds = 180;
      const { calls } = simulate(starts, seconds);
      const turn = (Math.ceil(starts.length / rowsOfPage) + 1) * requestMilliseconds;
      for (const { dialledAt, readAt } of calls) {
        const moments = [dialledAt, ...readAt, seconds * 1000];
        moments.slice(1).forEach((moment, index) => {
          const pause = pauseOf({ age: seconds * 1000, hasEnded: false });
          expect(moment - (moments[index] ?? 0)).toBeLessThanOrEqual(pause + turn + roundMilliseconds);
        });
      }
    }),
    { numRuns: 30 },
  );
});

test('each of a few dozen open calls is read by itself within two minutes', () => {
  fc.assert(
    fc.property(startsWithin(60, 40), (starts) => {
      const { calls } = simulate(starts, 300);
      for (const { dialledAt, readAloneAt } of calls) {
        const moments = [dialledAt, ...readAloneAt, 300_000];
        moments.slice(1).forEach((moment, index) => {
          expect(moment - (moments[index] ?? 0)).toBeLessThanOrEqual(120_000);
        });
      }
    }),
    { numRuns: 30 },
  );
});

test('a call alone is read by itself, two seconds after its dial, and every half minute when it is old', () => {
  const { calls, sentAt } = simulate([0], 900);
  const [call] = calls;
  expect(call?.readAt).toEqual(sentAt);
  expect(sentAt.slice(0, 3)).toEqual([2000, 4000, 6000]);
  expect((sentAt.at(-1) ?? 0) - (sentAt.at(-2) ?? 0)).toBe(30_000);
});

const call = (values: Partial<WatchedCall>): WatchedCall => ({
  callId: '501',
  age: 10_000,
  sinceRead: 2000,
  sinceReadAlone: 2000,
  hasEnded: false,
  isUnlisted: false,
  ...values,
});

test('a pause is between two and thirty seconds, and grows with the age of the call', () => {
  fc.assert(
    fc.property(fc.nat({ max: 86_400_000 }), fc.nat({ max: 86_400_000 }), (one, other) => {
      const [younger, older] = one < other ? [one, other] : [other, one];
      const pauses = [younger, older].map((age) => pauseOf(call({ age })));
      expect(pauses[0]).toBeGreaterThanOrEqual(2000);
      expect(pauses[1]).toBeLessThanOrEqual(30_000);
      expect(pauses[0]).toBeLessThanOrEqual(pauses[1] ?? 0);
    }),
  );
});

test('the results of an old call that has ended are asked for every two seconds', () => {
  expect(pauseOf(call({ age: 3_600_000, hasEnded: true }))).toBe(2000);
});

test('many calls that are due are read from the list, a few one by one', () => {
  const many = ['1', '2', '3'].map((callId) => call({ callId }));
  expect(nextRead(many, { nextPage: 1, isReadable: true, wasReadLast: true })).toEqual({
    kind: 'page',
    page: 1,
  });
  expect(nextRead(many.slice(0, 2), { nextPage: 1, isReadable: true, wasReadLast: true })?.kind).toBe('call');
});

test('while the list cannot be read, the call that was read longest ago is next', () => {
  const calls = [call({ callId: '1' }), call({ callId: '2', sinceRead: 9000 }), call({ callId: '3' })];
  const next = nextRead(calls, { nextPage: 4, isReadable: false, wasReadLast: true });
  expect(next).toMatchObject({ kind: 'call', call: { callId: '2' } });
});

test('a call that the list does not have is read by itself', () => {
  const calls = [call({ callId: '1' }), call({ callId: '2', isUnlisted: true }), call({ callId: '3' })];
  const next = nextRead(calls, { nextPage: 1, isReadable: true, wasReadLast: true });
  expect(next).toMatchObject({ kind: 'call', call: { callId: '2' } });
});

test('nothing is read before it is due', () => {
  expect(
    nextRead([call({ sinceRead: 1999 })], { nextPage: 1, isReadable: true, wasReadLast: true }),
  ).toBeNull();
});
