/** Time and chance, as parameters: tests pass their own and never sleep. */
import { randomInt, randomUUID } from 'node:crypto';

export interface Clock {
  now(): Date;
  /** Runs `task` once after `milliseconds`; the returned function forgets it. */
  after(milliseconds: number, task: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => new Date(),
  after(milliseconds, task) {
    const timer = setTimeout(task, milliseconds);
    return () => {
      clearTimeout(timer);
    };
  },
};

export interface Chance {
  /** A whole number from `min` up to and including `max`. */
  integer(min: number, max: number): number;
  uuid(): string;
}

export const systemChance: Chance = {
  integer: (min, max) => randomInt(min, max + 1),
  uuid: () => randomUUID(),
};
