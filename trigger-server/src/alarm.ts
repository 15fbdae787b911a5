/** Wakes a worker of this process when a row becomes due. The row holds the due time; the alarm may be lost. */
import type { Clock } from './clock';

/** Rows that become due within this time are claimed together, because each claim is a write. */
const shortestMilliseconds = 20;

export class Alarm {
  private task: (() => void) | null = null;
  /** By the steady clock, in milliseconds; infinite while no alarm is set. */
  private setFor = Infinity;
  private forget: () => void = () => undefined;

  constructor(private readonly clock: Clock) {}

  /** Runs `task` each time the alarm rings. @returns a function that stops this and clears the alarm. */
  onRing(task: () => void): () => void {
    this.task = task;
    return () => {
      this.task = null;
      this.clear();
    };
  }

  /** Rings after this time, or earlier if an earlier alarm is set. The task must then set the alarm again. */
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
