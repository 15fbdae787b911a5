/** The time that a turn has, for its model and its tools together. */
import type { Services } from '../../services';
import { ModelFailure } from '../engine/port';

/** Shorter than the claim of a turn, so that no two processes compute one turn. */
export const turnMilliseconds = 45_000;

export interface Deadline {
  /** Its reason is a ModelFailure. */
  signal: AbortSignal;
  /** Ends the wait for it. */
  stop: () => void;
}

export function turnDeadline({ clock }: Pick<Services, 'clock'>): Deadline {
  const ended = new AbortController();
  const stop = clock.after(turnMilliseconds, () => {
    ended.abort(new ModelFailure('The turn has used up its time', 'stalled'));
  });
  return { signal: ended.signal, stop };
}

/** What the function returns; the other value if the time is over before. */
export function within<Result>(signal: AbortSignal, result: Promise<Result>, late: Result): Promise<Result> {
  return new Promise((resolve, reject) => {
    const end = () => {
      resolve(late);
    };
    if (signal.aborted) end();
    signal.addEventListener('abort', end);
    result.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', end);
    });
  });
}
