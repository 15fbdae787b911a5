/** The waiting times after wrong passwords. */
import { FailedLogins } from '../../../trigger-server/src/accounts/sign-in/failed-logins';
import type { Problem } from '../../../trigger-server/src/problem';

/** @returns the seconds that an attempt would have to wait, or 0 if it is allowed. */
function wait(logins: FailedLogins, account: string, address: string | null, now: number): number {
  try {
    logins.check(account, address, now);
    return 0;
  } catch (error) {
    return (error as Problem).retryAfterSeconds ?? NaN;
  }
}

/** @returns the waiting time after each failure. Each attempt is made as soon as it is allowed. */
function waits(times: number, logins: FailedLogins, account: (time: number) => string, address: string) {
  let now = 0;
  return Array.from({ length: times }, (_, time) => {
    logins.failed(account(time), address, now);
    const seconds = wait(logins, account(time), address, now);
    now += seconds * 1000;
    return seconds;
  });
}

test('for one account the wait doubles after five guesses, up to half a minute', () => {
  const seconds = waits(12, new FailedLogins(), () => 'ann@example.com', '203.0.113.9');
  expect(seconds).toEqual([0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 30, 30]);
});

test('an address that guesses at many accounts waits up to a quarter of an hour, and no other address does', () => {
  const logins = new FailedLogins();
  const seconds = waits(32, logins, (time) => `${String(time)}@example.com`, '203.0.113.9');
  expect(seconds.slice(18)).toEqual([0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
  expect(wait(logins, 'new@example.com', '203.0.113.10', 0)).toBe(0);
});

test('a caller on this machine is limited by account only', () => {
  const logins = new FailedLogins();
  for (let time = 0; time < 50; time += 1) logins.failed(`${String(time)}@example.com`, null, 0);
  expect(wait(logins, 'new@example.com', null, 0)).toBe(0);
});

test('a successful log-in clears the guesses of the account, but not those of the address', () => {
  const logins = new FailedLogins();
  for (let time = 0; time < 21; time += 1) logins.failed('ann@example.com', '203.0.113.9', 0);
  logins.succeeded('ann@example.com');
  expect(wait(logins, 'ann@example.com', null, 0)).toBe(0);
  expect(wait(logins, 'ann@example.com', '203.0.113.9', 0)).toBe(1);
});

test('guesses are forgotten after a quarter of an hour without one', () => {
  const logins = new FailedLogins();
  for (let time = 0; time < 10; time += 1) logins.failed('ann@example.com', null, 0);
  logins.failed('ann@example.com', null, 15 * 60_000 + 1);
  expect(wait(logins, 'ann@example.com', null, 15 * 60_000 + 1)).toBe(0);
});
