/** Handles SIGTERM, SIGINT and SIGHUP: the first one begins an orderly stop, the third one ends the process at once. */
import type { Logger } from 'pino';

export const stopSignals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/**
 * Under `npm start`, Ctrl-C reaches the server twice, from the terminal and from npm. Signals within this time count as
 * one.
 */
const repeatMilliseconds = 1000;

/**
 * @param stop begins the orderly stop. Called once, at the first signal.
 * @param force ends the process. Called at the third signal, because a second one may be a mistake.
 * @param now a monotonic clock, in milliseconds.
 * @returns the handler to call at each signal.
 */
export function signalHandler(
  log: Logger,
  stop: () => void,
  force: () => void,
  now: () => number,
): (signal: string) => void {
  let count = 0;
  let last = -Infinity;
  return (signal) => {
    const at = now();
    const isRepeat = at - last < repeatMilliseconds;
    last = at;
    if (isRepeat) return;
    count += 1;
    if (count === 1) {
      log.info({ signal }, 'stopping: requests and calls under way are finished, new calls are refused');
      stop();
    } else if (count === 2) {
      log.warn(
        { signal },
        'still stopping: calls are being placed or have not ended; one more signal ends the server at once',
      );
    } else {
      log.error({ signal }, 'ended at once: what came of calls under way is asked for at the next start');
      force();
    }
  };
}
