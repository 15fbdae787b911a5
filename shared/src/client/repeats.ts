/** When to send a request again: how often, and after how long. */

export interface RepeatLimits {
  /** How many repeats at most (default: no limit). */
  tries?: number;
  /** How many seconds all pauses together may last. */
  seconds: number;
}

/** Counts the repeats of one request. */
export class Repeats {
  #tries = 0;
  #waitedSeconds = 0;
  readonly #limits: RepeatLimits;
  readonly #random: () => number;

  /** @param random Numbers from 0 up to 1; they spread the pauses, so that clients do not return in step. */
  constructor(limits: RepeatLimits, random: () => number) {
    this.#limits = limits;
    this.#random = random;
  }

  /**
   * Takes one repeat.
   *
   * @param retryAfterSeconds What the server asked for. Without it the pauses are 1, 2, 4, 8 and then 10 seconds,
   *   of which a random part, up to a half, is dropped.
   * @returns Seconds to pause before the repeat, or `undefined` when the limits leave none.
   */
  next(retryAfterSeconds?: number): number | undefined {
    const secondsLeft = this.#limits.seconds - this.#waitedSeconds;
    if (this.#tries >= (this.#limits.tries ?? Infinity) || secondsLeft <= 0) return undefined;
    // At least a second: a server that says 0 must not be asked without a pause, for ever.
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
