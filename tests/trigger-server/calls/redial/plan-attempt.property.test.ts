/** Every planned attempt keeps the promises of its settings, whatever they, the policy and the instants are. */
import {
  destinationPolicy,
  durationSeconds,
  retryConditions,
  runReasons,
  weekdays,
} from '@dograh-trigger/shared';
import fc from 'fast-check';
import { openingOf } from '../../../../trigger-server/src/calls/policy/calling-hours';
import { parseDestination } from '../../../../trigger-server/src/calls/policy/destination';
import { planAttempt } from '../../../../trigger-server/src/calls/redial/plan-attempt';

const time = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
  .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'));
const hours = fc.option(
  fc.record({
    windows: fc.array(
      fc
        .record({ from: time, to: time, days: fc.subarray([...weekdays], { minLength: 1 }) })
        .filter(({ from, to }) => from !== to),
      { minLength: 1, maxLength: 3 },
    ),
  }),
);
const seconds = fc.integer({ min: 1, max: 30 * 24 * 3600 });
const retry = fc.record({
  max_attempts: fc.integer({ min: 1, max: 10 }),
  on: fc.subarray([...retryConditions], { minLength: 1 }),
  after: fc.array(
    seconds.map((value) => `PT${String(value)}S`),
    { minLength: 1, maxLength: 9 },
  ),
});
const timeZone = fc.constantFrom(
  null,
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kolkata',
  'Pacific/Auckland',
);
const number = fc.constantFrom('+14155550100', '+4930123456', '+78005553535', '+819012345678');
/** Over both changes of the clocks in a year. */
const instant = fc
  .integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 0, 1) })
  .map((milliseconds) => new Date(milliseconds));
const ended = fc.record({
  number: fc.integer({ min: 1, max: 10 }),
  reason: fc.option(fc.constantFrom(...runReasons)),
  cancel_requested_at: fc.constantFrom(null, null, null, '2026-11-23T12:00:00.000Z'),
});

const unknownOrReached = new Set([
  ...['declined', 'invalid_number', 'canceled', 'no_report', 'unknown', 'not_placed', 'do_not_call', 'fax'],
]);

test('a planned attempt is inside the hours, after its pause, before not_after, and never more than max_attempts', () => {
  let planned = 0;
  fc.assert(
    fc.property(
      retry,
      ended,
      instant,
      hours,
      timeZone,
      number,
      fc.option(seconds),
      (settings, attempt, endedAt, calling_hours, zone, called, secondsLeft) => {
        const policy = destinationPolicy.parse({ calling_hours });
        const destination = parseDestination(called);
        const notAfter = secondsLeft === null ? null : new Date(endedAt.getTime() + secondsLeft * 1000);
        const limits = { destination, timeZone: zone, notAfter };
        const wait = planAttempt(settings, attempt, endedAt, policy, limits);
        if (wait === null) return;
        planned += 1;
        const { dueAt } = wait;
        expect(openingOf(policy, destination, { at: dueAt, timeZone: zone }).open).toBe(true);
        const pause = settings.after[Math.min(attempt.number, settings.after.length) - 1] ?? '';
        expect(dueAt.getTime()).toBeGreaterThanOrEqual(
          endedAt.getTime() + (durationSeconds(pause) ?? Infinity) * 1000,
        );
        if (notAfter !== null) expect(dueAt.getTime()).toBeLessThan(notAfter.getTime());
        expect(attempt.number).toBeLessThan(settings.max_attempts);
        expect(attempt.cancel_requested_at).toBeNull();
        expect(unknownOrReached.has(attempt.reason ?? 'unknown')).toBe(false);
      },
    ),
    { numRuns: 3000, seed: 17 },
  );
  // The property is about something.
  expect(planned).toBeGreaterThan(50);
});

test('without hours and limits every ending that the settings name is followed after exactly its pause', () => {
  fc.assert(
    fc.property(retry, instant, number, (settings, endedAt, called) => {
      const attempt = { number: 1, reason: 'busy' as const, cancel_requested_at: null };
      const limits = { destination: parseDestination(called), timeZone: null, notAfter: null };
      const wait = planAttempt(settings, attempt, endedAt, destinationPolicy.parse({}), limits);
      const isDue = settings.on.includes('busy') && settings.max_attempts > 1;
      const pause = durationSeconds(settings.after[0] ?? '') ?? NaN;
      expect(wait?.dueAt.getTime()).toBe(isDue ? endedAt.getTime() + pause * 1000 : undefined);
    }),
    { seed: 17 },
  );
});

test.each([
  ['PT1S', 1],
  ['PT15M', 900],
  ['PT2H30M', 9000],
  ['P1D', 86_400],
  ['P1DT1H', 90_000],
  ['P2W', 1_209_600],
  ['P', null],
  ['PT', null],
  ['P1DT', null],
  ['P1M', null],
  ['P1Y', null],
  ['PT1.5S', null],
  ['pt1s', null],
  ['-PT1S', null],
  ['PT15M ', null],
])('the duration %s is %p seconds', (text, expected) => {
  expect(durationSeconds(text)).toBe(expected);
});
