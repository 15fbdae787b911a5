/** How long to wait before another try, when the server does not say. */

/**
 * 1, 2, 4, 8 and then 10 seconds, of which a random half is dropped so that clients do not return in step.
 *
 * @param attempt 0 before the first repeat.
 * @param random A number from 0 up to 1.
 * @returns Seconds, from half of the step to the whole of it.
 */
export function backoffSeconds(attempt: number, random: () => number): number {
  return Math.min(2 ** attempt, 10) * (0.5 + random() / 2);
}
