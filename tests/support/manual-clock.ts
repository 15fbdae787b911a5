import type { Clock } from '../../trigger-server/src/clock';

/** A clock that a test moves. It runs the tasks that become due. */
export class ManualClock implements Clock {
  private time: number;
  private jumped = 0;
  private tasks: { due: number; task: () => void }[] = [];

  constructor(start = '2026-11-23T12:00:00.000Z') {
    this.time = Date.parse(start);
  }

  now(): Date {
    return new Date(this.time + this.jumped);
  }

  steady(): Date {
    return new Date(this.time);
  }

  /** Changes the wall clock without running tasks. */
  jump(milliseconds: number): void {
    this.jumped += milliseconds;
  }

  /** As when the process was paused: time has passed, and no task has run yet. */
  pass(milliseconds: number): void {
    this.time += milliseconds;
  }

  after(milliseconds: number, task: () => void): () => void {
    const entry = { due: this.time + milliseconds, task };
    this.tasks.push(entry);
    return () => {
      this.tasks = this.tasks.filter((other) => other !== entry);
    };
  }

  /** @param settle waits until the work of a task has finished. */
  async advance(milliseconds: number, settle: () => Promise<void>): Promise<void> {
    const end = this.time + milliseconds;
    for (;;) {
      await settle();
      const next = this.tasks.filter(({ due }) => due <= end).sort((a, b) => a.due - b.due)[0];
      if (next === undefined) break;
      this.tasks = this.tasks.filter((other) => other !== next);
      this.time = Math.max(this.time, next.due);
      next.task();
    }
    this.time = end;
  }
}
