/**
 * The order in which speech is made. As many programs run at once as the machine has processors: more of them would slow
 * each other down until all pass their time limit.
 */
import { availableParallelism } from 'node:os';

/** Who needs a sound: somebody who has answered (`now`), a phone that rings (`later`), or nobody any more. */
export type Need = 'now' | 'later' | 'none';

interface Job {
  need: () => Need;
  start: () => Promise<void>;
  drop: () => void;
}

export class SpeechQueue {
  #waiting: Job[] = [];
  #running = 0;

  /** @param most how many tasks run at once. */
  constructor(private readonly most = availableParallelism()) {}

  /**
   * Runs the task in its turn: first what is needed now, then what has waited longest.
   * @param need is called each time that a turn is given. @throws Error when nobody needs it any more; else as the task.
   */
  run<Result>(task: () => Promise<Result>, need: () => Need): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({
        need,
        start: () => task().then(resolve, reject),
        drop: () => {
          reject(new Error('Nobody needs the speech any more'));
        },
      });
      this.#startNext();
    });
  }

  #startNext(): void {
    while (this.#running < this.most) {
      const job = this.#takeNext();
      if (job === undefined) return;
      this.#running += 1;
      void job.start().then(() => {
        this.#running -= 1;
        this.#startNext();
      });
    }
  }

  #takeNext(): Job | undefined {
    const unneeded = this.#waiting.filter(({ need }) => need() === 'none');
    this.#waiting = this.#waiting.filter((job) => !unneeded.includes(job));
    for (const { drop } of unneeded) drop();
    const next = this.#waiting.find(({ need }) => need() === 'now') ?? this.#waiting[0];
    this.#waiting = this.#waiting.filter((job) => job !== next);
    return next;
  }
}
