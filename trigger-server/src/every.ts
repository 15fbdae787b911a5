/** What is looked after again and again, from the start of the server until it is told to stop. */
import type { Clock } from './clock';

/**
 * Begins a round after each pause; a round that gives a promise ends with it, and the next pause begins then.
 * @param round must not fail: nobody is there to hear it.
 * @returns stops: no further round begins.
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
