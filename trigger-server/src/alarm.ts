/**
 * Wakes a worker when a row becomes due: in this process, or in the other processes of the database where this one does
 * not run the worker. The row holds the due time; the alarm may be lost.
 */
import type { Clock } from './clock';
import type { Job, Wake } from './storage/port';

/** Rows that become due within this time are claimed together, because each claim is a write. */
const shortestMilliseconds = 20;
/** A worker finds what becomes due later than this in its rounds, which are as long, so it needs no signal. */
const roundMilliseconds = 1000;
const longestMilliseconds = 60_000;

export class Alarm {
  private task: (() => void) | null = null;
  /** By the steady clock, in milliseconds; infinite while no alarm is set. */
  private setFor = Infinity;
  private forget: () => void = () => undefined;

  /** @param job the worker's. @param wake absent where the database has one process. */
  constructor(
    private readonly clock: Clock,
    private readonly job: Job,
    private readonly wake: Wake | undefined,
  ) {}

  /** Runs `task` each time the alarm rings. @returns a function that stops this and clears the alarm. */
  onRing(task: () => void): () => void {
    this.task = task;
    const stopListening = this.wake?.listen(this.job, () => {
      this.ringIn(0);
    });
    return () => {
      stopListening?.();
      this.task = null;
      this.clear();
    };
  }

  /** Rings after this time, or earlier if an earlier alarm is set. The task must then set the alarm again. */
  ringIn(milliseconds: number): void {
    if (this.task === null) {
      if (milliseconds < roundMilliseconds) this.wake?.signal(this.job);
      return;
    }
    // A timer of more than 24 days would end at once.
    const pause = Math.min(Math.max(milliseconds, shortestMilliseconds), longestMilliseconds);
    const at = this.clock.steady().getTime() + pause;
    if (at >= this.setFor) return;
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
