/**
 * Repeats a write that must succeed eventually, although the database refuses it now (a full disk, another program's
 * lock). Work that only has to wait is a row with a due time instead; here no row can be written.
 */
import type { Logger } from 'pino';
import type { Clock } from './clock';
import { describeError } from './describe-error';

const firstPauseMilliseconds = 1000;
const longestPauseMilliseconds = 30_000;

/**
 * Runs `task` after a pause, and again after longer pauses until it succeeds. Each failure is logged with the text
 * `what`. The task must be idempotent.
 */
export function retryLater(
  host: { clock: Clock; log: Logger },
  what: string,
  task: () => Promise<void>,
  pauseMilliseconds = firstPauseMilliseconds,
): void {
  host.clock.after(pauseMilliseconds, () => {
    task().catch((error: unknown) => {
      host.log.error({ error: describeError(error) }, what);
      retryLater(host, what, task, Math.min(2 * pauseMilliseconds, longestPauseMilliseconds));
    });
  });
}
