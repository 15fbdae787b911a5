/** Time and chance, as parameters: tests pass their own and never sleep. */
import { randomInt, randomUUID } from 'node:crypto';
import { hrtime } from 'node:process';

export interface Clock {
  /** The time on the wall, for what people and other machines are told. It may jump. */
  now(): Date;
  /**
   * Time that never jumps, for deadlines and ages, and for nothing that is shown: the wall's, less every jump that it
   * has made while a server of this database ran.
   */
  steady(): Date;
  /** Runs `task` once after `milliseconds`; the returned function forgets it. */
  after(milliseconds: number, task: () => void): () => void;
}

/** A wall clock and a monotonic one, both in milliseconds. */
export interface TimeSources {
  wall: () => number;
  monotonic: () => number;
}

/** On Linux the monotonic one counts from the start of the machine, in every process alike. */
export const ofThisMachine: TimeSources = {
  wall: () => Date.now(),
  monotonic: () => Number(hrtime.bigint() / 1_000_000n),
};

/** Less is how clocks are kept right all the time; a jump is a step of NTP, or a machine that was stopped meanwhile. */
export const smallestJump = 1000;

/**
 * @param jumpedBefore the sum of all jumps that earlier servers saw, in milliseconds.
 * @param onJump hears of a jump and of the new sum, which must outlast this process.
 */
export function createSystemClock(
  jumpedBefore: number,
  onJump: (jump: number, sum: number) => void,
  { wall, monotonic }: TimeSources = ofThisMachine,
): Clock {
  let sum = jumpedBefore;
  let last = { wall: wall(), monotonic: monotonic() };
  return {
    now: () => new Date(wall()),
    steady() {
      const current = { wall: wall(), monotonic: monotonic() };
      const jump = Math.round(current.wall - last.wall - (current.monotonic - last.monotonic));
      last = current;
      if (Math.abs(jump) >= smallestJump) {
        sum += jump;
        onJump(jump, sum);
      }
      return new Date(current.wall - sum);
    },
    after(milliseconds, task) {
      const timer = setTimeout(task, milliseconds);
      return () => {
        clearTimeout(timer);
      };
    },
  };
}

export interface Chance {
  /** A whole number from `min` up to and including `max`. */
  integer(min: number, max: number): number;
  uuid(): string;
}

export const systemChance: Chance = {
  integer: (min, max) => randomInt(min, max + 1),
  uuid: () => randomUUID(),
};
