/** The clock of servers that share a PostgreSQL. */
import { DatabaseClock } from '../../trigger-server/src/database-clock';

const start = Date.parse('2026-11-23T12:00:00.000Z');

/** A database that answers after so many milliseconds, and a machine that began to count at some time. */
function machine(answersAfter: () => number, jumped = 0) {
  let passed = 0;
  const clock = new DatabaseClock(
    () => {
      passed += answersAfter() / 2;
      const time = start + passed;
      passed += answersAfter() / 2;
      return Promise.resolve(time);
    },
    jumped,
    () => 987_654 + passed,
  );
  return {
    clock,
    pass: (milliseconds: number) => {
      passed += milliseconds;
    },
    /** The true time of the database. */
    time: () => new Date(start + passed),
  };
}

test('it is the time of the database, and goes on with this machine’s monotonic clock', async () => {
  const { clock, pass, time } = machine(() => 100);
  expect(await clock.follow()).toBe(true);
  expect(clock.now()).toEqual(time());
  expect(clock.steady()).toEqual(time());
  pass(60_000);
  expect(clock.now()).toEqual(time());
});

test('an answer that took more than a second does not set it', async () => {
  let answersAfter = 0;
  const { clock, pass, time } = machine(() => answersAfter);
  await clock.follow();
  answersAfter = 1002;
  expect(await clock.follow()).toBe(false);
  pass(5000);
  expect(clock.now()).toEqual(time());
});

test('the jumps of the clock that was used before the move to PostgreSQL still count', async () => {
  const { clock, time } = machine(() => 0, 600_000);
  await clock.follow();
  expect(clock.now()).toEqual(time());
  expect(clock.steady().getTime()).toBe(time().getTime() - 600_000);
});
