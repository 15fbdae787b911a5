/** How often a request is repeated, and after which pauses. */

export interface RepeatLimits {
  /** Maximum number of repeats (default: no limit). */
  tries?: number;
  /** Maximum duration of all pauses together. */
  seconds: number;
}

/** Counts the repeats of one request. */
export class Repeats {
  #tries = 0;
  #waitedSeconds = 0;
  readonly #limits: RepeatLimits;
  readonly #random: () => number;

  /**
   * @param random Random numbers from 0 up to 1. They spread the pauses, so that many clients do not retry at the
   *   same moment.
   */
  constructor(limits: RepeatLimits, random: () => number) {
    this.#limits = limits;
    this.#random = random;
  }

  /**
   * Uses up one repeat.
   *
   * @param retryAfterSeconds The pause that the server asked for. Without it the pauses are 1, 2, 4, 8 and then 10
   *   seconds, each shortened at random by up to a half.
   * @returns Seconds to pause before the repeat, or `undefined` when a limit is reached.
   */
  next(retryAfterSeconds?: number): number | undefined {
    const secondsLeft = this.#limits.seconds - this.#waitedSeconds;
    if (this.#tries >= (this.#limits.tries ?? Infinity) || secondsLeft <= 0) return undefined;
    // At least one second, so that `Retry-After: 0` does not cause an endless busy loop.
    const seconds =
      retryAfterSeconds === undefined
        ? Math.min(this.#backoff(), secondsLeft)
        : Math.max(retryAfterSeconds, 1);
    if (seconds > secondsLeft) return undefined;
    this.#tries += 1;
    this.#waitedSeconds += seconds;
    return seconds;
  }

  #backoff(): number {
    return Math.min(2 ** this.#tries, 10) * (0.5 + this.#random() / 2);
  }
}
