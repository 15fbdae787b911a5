/** Slows down password guessing: after each wrong password the wait gets longer, both per account and per address. */
import { forgetOldest } from '../../forget-oldest';
import { Problem } from '../../problem';

interface Failures {
  count: number;
  /** When the last failure was, and until when further log-ins are refused; milliseconds since 1970. */
  at: number;
  blockedUntil: number;
}

interface GuessLimit {
  /** This many wrong passwords cause no wait. */
  free: number;
  /** The wait doubles from one second up to this limit. */
  longestSeconds: number;
}

/** The longest wait is short, so that guessing cannot lock the owner out. */
const ofAccount: GuessLimit = { free: 5, longestSeconds: 30 };
/** More are free than for an account, because many people may share an address. */
const ofAddress: GuessLimit = { free: 20, longestSeconds: 900 };

const forgottenAfter = 15 * 60_000;
/** Beyond this number the oldest entry is forgotten. */
const mostNames = 10_000;

export class FailedLogins {
  readonly #accounts = new Map<string, Failures>();
  readonly #addresses = new Map<string, Failures>();

  /**
   * @param address null for a caller on this machine, which no address limit applies to.
   * @param now milliseconds since 1970.
   * @throws Problem busy, with the seconds to wait.
   */
  check(account: string, address: string | null, now: number): void {
    const until = Math.max(
      this.#accounts.get(account)?.blockedUntil ?? 0,
      address === null ? 0 : (this.#addresses.get(address)?.blockedUntil ?? 0),
    );
    if (until <= now) return;
    const seconds = Math.ceil((until - now) / 1000);
    throw new Problem('busy', `Too many wrong passwords; try again in ${String(seconds)} seconds`, {
      retryAfterSeconds: seconds,
    });
  }

  failed(account: string, address: string | null, now: number): void {
    countFailure(this.#accounts, account, now, ofAccount);
    if (address !== null) countFailure(this.#addresses, address, now, ofAddress);
  }

  /**
   * Clears the failures of the account only: one right password must not reset the limit of an address that guesses
   * others.
   */
  succeeded(account: string): void {
    this.#accounts.delete(account);
  }
}

function countFailure(names: Map<string, Failures>, name: string, now: number, limit: GuessLimit): void {
  const known = names.get(name);
  const count = known === undefined || now - known.at > forgottenAfter ? 1 : known.count + 1;
  const surplus = count - limit.free;
  const seconds = surplus <= 0 ? 0 : Math.min(2 ** (surplus - 1), limit.longestSeconds);
  // Moves the entry to the end of the map, so that the first one is the oldest.
  names.delete(name);
  names.set(name, { count, at: now, blockedUntil: now + seconds * 1000 });
  forgetOldest(names, mostNames);
}
