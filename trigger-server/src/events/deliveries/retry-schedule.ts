/** When a delivery is tried again after an attempt failed or was cut off. */
import type { Chance } from '../../clock';

const firstPauseMilliseconds = 15_000;
const longestPauseMilliseconds = 2 * 60 * 60 * 1000;
/** The pauses between them are 15 s, 30 s, … 64 min, then two hours each: about a day in all. */
const mostAttempts = 21;
/** A receiver cannot postpone a delivery for longer than this. */
const longestRetryAfterMilliseconds = 24 * 60 * 60 * 1000;
/** Pauses vary by a quarter, so that deliveries that failed together are not all retried at once. */
const jitterPercent = 25;
/** Longer than an attempt takes. */
const leaseMilliseconds = 30_000;

/** When an attempt without a recorded end counts as cut off. */
export function leaseEnd(startedAt: Date): Date {
  return new Date(startedAt.getTime() + leaseMilliseconds);
}

/**
 * @param failures attempts so far, at least 1.
 * @param retryAfter the receiver's `Retry-After` header: seconds or an HTTP date.
 * @returns the time of the next attempt; null after the last one.
 */
export function nextAttemptAt(
  chance: Chance,
  now: Date,
  failures: number,
  retryAfter: string | undefined,
): Date | null {
  if (failures >= mostAttempts) return null;
  const pause = Math.min(firstPauseMilliseconds * 2 ** (failures - 1), longestPauseMilliseconds);
  const varied = Math.round((pause * chance.integer(100 - jitterPercent, 100 + jitterPercent)) / 100);
  return new Date(now.getTime() + Math.max(varied, retryAfterMilliseconds(retryAfter, now)));
}

/** RFC 9110, 10.2.3. Zero for a header that is missing or cannot be parsed. */
function retryAfterMilliseconds(header: string | undefined, now: Date): number {
  if (header === undefined) return 0;
  const asked = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now.getTime();
  return Number.isNaN(asked) ? 0 : Math.min(Math.max(asked, 0), longestRetryAfterMilliseconds);
}
