/** Lets so many of one kind of work run at once; the rest waits for its turn, in the order it came. */

export interface Turns {
  /** @throws what `refuse` makes, at once, when too much waits already. */
  run<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Whether nothing runs, and so nothing waits. */
  isIdle(): boolean;
}

export interface TurnLimits {
  atOnce: number;
  /** Absent: as much as comes, for work whose asker gives up by himself. */
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
        // The place is handed over, so that nobody who comes in between takes it.
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

/** The same for each name apart. */
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
