/** Repeats a task periodically until the server stops. */
import type { Clock } from './clock';

/**
 * Runs a round after each pause. If a round returns a promise, the next pause begins when it settles.
 * @param round must handle its own errors.
 * @returns a function that prevents further rounds.
 */
export function every(
  clock: Clock,
  pauseMilliseconds: number,
  round: () => Promise<void> | void,
): () => void {
  let stopped = false;
  let forget: () => void = () => undefined;
  const next = () => {
    forget = clock.after(pauseMilliseconds, () => {
      void Promise.resolve(round()).then(() => {
        if (!stopped) next();
      });
    });
  };
  next();
  return () => {
    stopped = true;
    forget();
  };
}
