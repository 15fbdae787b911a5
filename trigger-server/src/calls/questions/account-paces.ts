/**
 * The pace of status requests to each carrier account: a number per second, and longer and longer pauses while the
 * account fails. A question that fails for one call alone is that call's matter. Each process keeps its own paces in
 * memory. The due time of each request is in the database.
 */
import type { Services } from '../../services';

const shortestSilence = 60_000;
const longestSilence = 10 * 60_000;
/** The pause of one call after a failed question, if the account is not silent. */
const shortestPause = 30_000;
/** Requests that waited for the end of a pause are spread over this many milliseconds. */
const spread = 30_000;

/**
 * All follow-ups share one limit, and a carrier that hangs may take only this much of it. A carrier that failed is
 * tried with one request.
 */
const mostUnderWay = 10;
const roomPause = 5000;
/** A request that misses its slot by more than this queues again: late ones would all be sent together. */
const mostLate = 2000;

interface Pace {
  /** When the next question may be sent, by the steady clock, in milliseconds. */
  freeAt: number;
  /** When the request about each waiting run may be sent, by the steady clock, in milliseconds. */
  readonly slots: Map<number, number>;
  underWay: number;
  /** The only run whose question has failed since the last answer; null if there is none. */
  failedRun: number | null;
  /** How often the account failed in a row, and until when it is not asked. */
  failures: number;
  silentUntil: number;
}

export class AccountPaces {
  private readonly paces = new Map<number, Pace>();

  constructor(private readonly services: Pick<Services, 'clock' | 'chance' | 'log'>) {}

  /** @returns for how many more milliseconds a failed account is not asked; 0 when it may be asked. */
  silenceOf(account: number): number {
    const { clock, chance } = this.services;
    const left = this.paceOf(account).silentUntil - clock.steady().getTime();
    return left > 0 ? left + chance.integer(0, spread) : 0;
  }

  /** @returns after how many milliseconds to try again if too many requests are in flight; else 0. */
  waitForRoom(account: number): number {
    const pace = this.paceOf(account);
    if (pace.underWay < (pace.failures > 0 ? 1 : mostUnderWay)) return 0;
    // The pauses vary, so that the runs do not all try again together.
    return roomPause + this.services.chance.integer(0, roomPause);
  }

  /** @returns after how many milliseconds to try again; 0 when the request may be sent now. */
  waitFor(account: number, runId: number, perSecond: number): number {
    const now = this.services.clock.steady().getTime();
    const pace = this.paceOf(account);
    const slot = pace.slots.get(runId) ?? -Infinity;
    if (slot > now) return Math.ceil(slot - now);
    const roomWait = this.waitForRoom(account);
    if (roomWait > 0) return roomWait;
    pace.slots.delete(runId);
    if (now - slot <= mostLate) return 0;
    const wait = Math.max(0, pace.freeAt - now);
    // All slots are over: the runs that still have one have ended, or queue again.
    if (wait === 0) pace.slots.clear();
    else pace.slots.set(runId, now + wait);
    pace.freeAt = now + wait + 1000 / perSecond;
    return Math.ceil(wait);
  }

  /** Counts a request while it is in flight. The caller has checked that there is room. */
  async during<Answer>(account: number, question: () => Promise<Answer>): Promise<Answer> {
    const pace = this.paceOf(account);
    pace.underWay += 1;
    try {
      return await question();
    } finally {
      pace.underWay -= 1;
    }
  }

  noteAnswer(account: number): void {
    const pace = this.paceOf(account);
    pace.failedRun = null;
    if (pace.failures === 0) return;
    pace.failures = 0;
    this.services.log.info({ configurationId: account }, 'a carrier answers questions about its calls again');
  }

  /**
   * Silences the account if the questions about more than one call have failed since its last answer.
   * @param error is logged at the first silence in a row. @returns milliseconds until the next request about this call.
   */
  noteFailure(account: number, runId: number, error: object): number {
    const { clock, chance, log } = this.services;
    const now = clock.steady().getTime();
    const pace = this.paceOf(account);
    if (pace.failures === 0 && (pace.failedRun ?? runId) === runId) {
      pace.failedRun = runId;
      log.info(
        { runId, configurationId: account, error },
        'a question about a call failed; it is asked again',
      );
      return shortestPause + chance.integer(0, spread);
    }
    // Requests that were in flight together fail together, and count as one failure.
    if (now >= pace.silentUntil) {
      if (pace.failures === 0) {
        const failure =
          'a carrier could not be asked about its calls; it is asked again in longer and longer pauses';
        log.warn({ configurationId: account, error }, failure);
      }
      pace.silentUntil = now + Math.min(shortestSilence * 2 ** pace.failures, longestSilence);
      pace.failures += 1;
    }
    return pace.silentUntil - now + chance.integer(0, spread);
  }

  private paceOf(account: number): Pace {
    const known = this.paces.get(account);
    if (known !== undefined) return known;
    const pace: Pace = {
      freeAt: 0,
      slots: new Map(),
      underWay: 0,
      failedRun: null,
      failures: 0,
      silentUntil: 0,
    };
    this.paces.set(account, pace);
    return pace;
  }
}
