/** A job that is repeated until it is stopped. */
import type { Logger } from 'pino';
import type { Clock } from './clock';
import { describeError } from './describe-error';

/** A round that takes longer than this counts as stuck. */
const stuckMilliseconds = 5 * 60_000;

export interface Loop {
  /** Why its work is not being done: the last round failed, or one hangs. Null if all is well. */
  health(): string | null;
  /** No further round begins. Resolves when the one under way has ended. */
  stop(): Promise<void>;
}

/**
 * Runs a round after each pause. The next pause begins when the round has ended. A failed round is logged and does not
 * stop the loop.
 * @param failure the log message for a failed round.
 */
export function every(
  { clock, log }: { clock: Clock; log: Logger },
  pauseMilliseconds: number,
  failure: string,
  round: () => Promise<void> | void,
): Loop {
  let isStopped = false;
  let lastFailed = false;
  let underWay: { since: number; ended: Promise<void> } | null = null;
  let forget: () => void = () => undefined;

  const runOnce = async () => {
    try {
      await round();
      lastFailed = false;
    } catch (error) {
      lastFailed = true;
      log.error({ error: describeError(error) }, failure);
    }
    underWay = null;
    if (!isStopped) next();
  };
  const next = () => {
    forget = clock.after(pauseMilliseconds, () => {
      underWay = { since: clock.steady().getTime(), ended: Promise.resolve() };
      underWay.ended = runOnce();
    });
  };
  next();
  return {
    health() {
      if (underWay !== null && clock.steady().getTime() - underWay.since > stuckMilliseconds) {
        return 'a round has not ended for five minutes';
      }
      return lastFailed ? failure : null;
    },
    async stop() {
      isStopped = true;
      forget();
      await underWay?.ended;
    },
  };
}
