/** Wakes a worker of this process when something becomes due. Only the alarm clock: what is due is a row. */
import type { Clock } from './clock';

/** What becomes due within so many milliseconds is taken together: each taking is a write. */
const shortestMilliseconds = 20;

export class Alarm {
  private task: (() => void) | null = null;
  /** By the steady clock, in milliseconds; infinite while nothing is set. */
  private setFor = Infinity;
  private forget: () => void = () => undefined;

  constructor(private readonly clock: Clock) {}

  /** From now on `task` runs whenever it rings. @returns lets go. */
  onRing(task: () => void): () => void {
    this.task = task;
    return () => {
      this.task = null;
      this.clear();
    };
  }

  /**
   * Rings when so many milliseconds have passed, at the earliest, unless it rings before that: then whoever wakes sets it
   * anew.
   */
  ringIn(milliseconds: number): void {
    const pause = Math.max(milliseconds, shortestMilliseconds);
    const at = this.clock.steady().getTime() + pause;
    if (this.task === null || at >= this.setFor) return;
    this.clear();
    this.setFor = at;
    this.forget = this.clock.after(pause, () => {
      this.setFor = Infinity;
      this.task?.();
    });
  }

  private clear(): void {
    this.forget();
    this.setFor = Infinity;
  }
}
