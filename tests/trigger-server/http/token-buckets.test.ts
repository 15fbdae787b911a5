import fc from 'fast-check';
import { TokenBuckets } from '../../../trigger-server/src/http/limits/token-buckets';

test('over any time no more are let through than the burst and what the rate gives, and never none for longer than a token takes', () => {
  const steps = fc.array(fc.nat(700), { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 50 }),
      steps,
      (rate, burst, pauses) => {
        const buckets = new TokenBuckets(rate, burst);
        let now = 0;
        let taken = 0;
        for (const pause of pauses) {
          now += pause;
          const seconds = buckets.take('a', now);
          if (seconds === 0) taken += 1;
          expect(seconds).toBeLessThanOrEqual(1 / rate);
        }
        expect(taken).toBeLessThanOrEqual(burst + (now / 1000) * rate + 1e-6);
      },
    ),
  );
});

test('a clock that is set back does not refill buckets, and blocks nobody until it has caught up', () => {
  const buckets = new TokenBuckets(1, 2);
  const hour = 3_600_000;
  expect([buckets.take('a', hour), buckets.take('a', hour)]).toEqual([0, 0]);
  expect(buckets.take('a', 0)).toBe(1);
  expect(buckets.take('a', 1000)).toBe(0);
});

test('the number of buckets is bounded: the oldest ones are dropped first', () => {
  const buckets = new TokenBuckets(1, 1);
  buckets.take('first', 0);
  buckets.take('second', 0);
  for (let other = 0; other < 9_999; other += 1) buckets.take(other, 0);
  expect(buckets.take('second', 0)).toBe(1);
  expect(buckets.take('first', 0)).toBe(0);
});
