/**
 * How fast each carrier account is asked: so many questions a second, and in longer and longer pauses while it fails. Kept
 * by each process for itself; what is asked when is a row.
 */
import type { Services } from '../../services';

const shortestSilence = 60_000;
const longestSilence = 10 * 60_000;
/** Spreads what waited for the end of a silence. */
const spread = 30_000;

/** A carrier that hangs takes no more of the room that all follow-ups share; one that failed is tried with one question. */
const mostUnderWay = 10;
const roomPause = 5000;

interface Pace {
  /** When the next question may be sent, by the steady clock, in milliseconds. */
  freeAt: number;
  /** Runs that have a time of their own: they do not queue a second time. */
  readonly called: Set<number>;
  underWay: number;
  /** How often in a row it failed, and until when it is left alone. */
  failures: number;
  silentUntil: number;
}

export class AccountPaces {
  private readonly paces = new Map<number, Pace>();

  constructor(private readonly services: Pick<Services, 'clock' | 'chance' | 'log'>) {}

  /** @returns the milliseconds for which an account that failed is left alone; 0: it may be asked. */
  silenceOf(account: number): number {
    const { clock, chance } = this.services;
    const left = this.paceOf(account).silentUntil - clock.steady().getTime();
    return left > 0 ? left + chance.integer(0, spread) : 0;
  }

  /** @returns the milliseconds after which to come again; 0: the question may be sent now. */
  waitFor(account: number, runId: number, perSecond: number): number {
    const now = this.services.clock.steady().getTime();
    const pace = this.paceOf(account);
    if (pace.underWay >= (pace.failures > 0 ? 1 : mostUnderWay)) return roomPause;
    if (pace.called.delete(runId)) return 0;
    const wait = Math.max(0, pace.freeAt - now);
    // Nobody waits any more: whoever was called and did not come has ended.
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

  /** @param error for the log, which hears of the first failure in a row. @returns milliseconds until the next question. */
  noteFailure(account: number, error: object): number {
    const { clock, chance, log } = this.services;
    const now = clock.steady().getTime();
    const pace = this.paceOf(account);
    // Questions that were under way together fail together, and count once.
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
