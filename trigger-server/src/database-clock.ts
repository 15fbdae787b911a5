/**
 * The clock of the servers of one PostgreSQL: that of the machine where it runs. So all servers agree on leases,
 * heartbeats and due times, even if the clock of one of their machines is wrong.
 */
import { machineTimeSources, type Clock, type TimeSources } from './clock';
import { every } from './every';
import { readJumpSum } from './jumps';
import type { Services } from './services';
import type { Storage } from './storage/port';
import type { Worker } from './workers/worker';

const followMilliseconds = 5000;
/** An answer that took longer says too little about the time. */
const longestAnswerMilliseconds = 1000;

export class DatabaseClock implements Clock {
  /** How far the database's clock is ahead of this machine's monotonic clock, in milliseconds. */
  private ahead = 0;

  /**
   * @param readTime the database's clock, in milliseconds since 1970.
   * @param jumped the jumps of the wall clock before the database was moved to PostgreSQL, in milliseconds.
   */
  constructor(
    private readonly readTime: () => Promise<number>,
    private readonly jumped: number,
    private readonly monotonic: TimeSources['monotonic'] = machineTimeSources.monotonic,
  ) {}

  now(): Date {
    return new Date(this.monotonic() + this.ahead);
  }

  steady(): Date {
    return new Date(this.monotonic() + this.ahead - this.jumped);
  }

  after(milliseconds: number, task: () => void): () => void {
    const timer = setTimeout(task, milliseconds);
    return () => {
      clearTimeout(timer);
    };
  }

  /** Asks the database for its time. @returns false if the answer was too slow to be used. */
  async follow(): Promise<boolean> {
    const asked = this.monotonic();
    const time = await this.readTime();
    const answered = this.monotonic();
    if (answered - asked > longestAnswerMilliseconds) return false;
    this.ahead = Math.round(time - (asked + answered) / 2);
    return true;
  }
}

/** @returns null for a database without a clock of its own. @throws Error when it does not answer. */
export async function openDatabaseClock({ read, readTime }: Storage): Promise<DatabaseClock | null> {
  if (readTime === undefined) return null;
  const clock = new DatabaseClock(readTime, await readJumpSum(read));
  for (let attempts = 0; attempts < 5; attempts += 1) if (await clock.follow()) return clock;
  throw new Error('The database answers too slowly to tell the time: nothing could be scheduled with it.');
}

/** Follows the database's clock, every five seconds. */
export function clockFollower(services: Pick<Services, 'clock' | 'log'>, clock: DatabaseClock): Worker {
  return {
    name: 'clock',
    role: 'any',
    start() {
      const failure = 'the clock of the database could not be read; it is tried again';
      return every(services, followMilliseconds, failure, async () => {
        await clock.follow();
      });
    },
  };
}
