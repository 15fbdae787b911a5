/** Time and randomness as parameters, so that tests pass their own and never sleep. */
import { randomInt, randomUUID } from 'node:crypto';
import { hrtime } from 'node:process';

export interface Clock {
  /** Wall-clock time, for people and other machines. It may jump. */
  now(): Date;
  /**
   * Time that never jumps, for deadlines and ages; never shown. It is the wall-clock time minus every jump since the
   * database was created.
   */
  steady(): Date;
  /** Runs `task` once after `milliseconds`. @returns a function that cancels it. */
  after(milliseconds: number, task: () => void): () => void;
}

/** A wall clock and a monotonic clock, both in milliseconds. */
export interface TimeSources {
  wall: () => number;
  monotonic: () => number;
}

/** On Linux, the monotonic clock counts from the boot of the machine, and is the same in every process. */
export const machineTimeSources: TimeSources = {
  wall: () => Date.now(),
  monotonic: () => Number(hrtime.bigint() / 1_000_000n),
};

/**
 * In milliseconds. Smaller differences are normal clock adjustment. A jump is a step by NTP, or a suspended machine.
 */
export const smallestJump = 1000;

/**
 * @param jumpedBefore the sum of all jumps before this process started, in milliseconds.
 * @param onJump called with each jump and the new sum, which it must store durably.
 */
export function createSystemClock(
  jumpedBefore: number,
  onJump: (jump: number, sum: number) => void,
  { wall, monotonic }: TimeSources = machineTimeSources,
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
  /** A random integer from `min` to `max`, both inclusive. */
  integer(min: number, max: number): number;
  uuid(): string;
}

export const systemChance: Chance = {
  integer: (min, max) => randomInt(min, max + 1),
  uuid: () => randomUUID(),
};
