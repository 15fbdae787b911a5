/**
 * The pace of status requests to each carrier account: a number per second, and longer and longer pauses while the
 * account fails. Each process keeps its own paces in memory. The due time of each request is in the database.
 */
import type { Services } from '../../services';

const shortestSilence = 60_000;
const longestSilence = 10 * 60_000;
/** Requests that waited for the end of a pause are spread over this many milliseconds. */
const spread = 30_000;

/**
 * All follow-ups share one limit, and a carrier that hangs may take only this much of it. A carrier that failed is
 * tried with one request.
 */
const mostUnderWay = 10;
const roomPause = 5000;

interface Pace {
  /** When the next question may be sent, by the steady clock, in milliseconds. */
  freeAt: number;
  /** Runs that already have a time for their request: they do not queue again. */
  readonly called: Set<number>;
  underWay: number;
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

  /** @returns after how many milliseconds to try again; 0 when the request may be sent now. */
  waitFor(account: number, runId: number, perSecond: number): number {
    const now = this.services.clock.steady().getTime();
    const pace = this.paceOf(account);
    if (pace.underWay >= (pace.failures > 0 ? 1 : mostUnderWay)) return roomPause;
    if (pace.called.delete(runId)) return 0;
    const wait = Math.max(0, pace.freeAt - now);
    // No run waits any more: those still in the set have ended.
    if (wait === 0) pace.called.clear();
    else pace.called.add(runId);
    pace.freeAt = now + wait + 1000 / perSecond;
    return Math.ceil(wait);
  }

  /** Counts a question while it is under way. */
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
    if (pace.failures === 0) return;
    pace.failures = 0;
    this.services.log.info({ configurationId: account }, 'a carrier answers questions about its calls again');
  }

  /** @param error is logged at the first failure in a row. @returns milliseconds until the next request. */
  noteFailure(account: number, error: object): number {
    const { clock, chance, log } = this.services;
    const now = clock.steady().getTime();
    const pace = this.paceOf(account);
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
    const pace: Pace = { freeAt: 0, called: new Set(), underWay: 0, failures: 0, silentUntil: 0 };
    this.paces.set(account, pace);
    return pace;
  }
}
