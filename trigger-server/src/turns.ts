/** Limits how many tasks run at the same time. Further tasks wait in the order of arrival. */

export interface Turns {
  /** @throws the error of `refuse`, at once, when too many tasks wait already. */
  run<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Whether no task runs or waits. */
  isIdle(): boolean;
}

export interface TurnLimits {
  atOnce: number;
  /** Without it the queue is unlimited: for work whose callers have a time limit of their own. */
  mostWaiting?: number;
  refuse?: () => Error;
}

export function createTurns({ atOnce, mostWaiting = Infinity, refuse }: TurnLimits): Turns {
  let running = 0;
  const waiting: (() => void)[] = [];
  return {
    isIdle: () => running === 0,
    async run(work) {
      if (running < atOnce) {
        running += 1;
      } else {
        if (waiting.length >= mostWaiting) throw refuse?.() ?? new Error('Too much waits');
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
      try {
        return await work();
      } finally {
        // The slot passes directly to the next task, so that no task that arrives now can take it.
        const next = waiting.shift();
        if (next === undefined) running -= 1;
        else next();
      }
    },
  };
}

export interface NamedTurns {
  run<Result>(name: string, work: () => Promise<Result>): Promise<Result>;
}

/** The same limits, separately for each name. */
export function createNamedTurns(limits: TurnLimits): NamedTurns {
  const byName = new Map<string, Turns>();
  return {
    async run(name, work) {
      const turns = byName.get(name) ?? createTurns(limits);
      byName.set(name, turns);
      try {
        return await turns.run(work);
      } finally {
        if (turns.isIdle()) byName.delete(name);
      }
    },
  };
}
