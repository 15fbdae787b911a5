/** Whoever guesses passwords waits longer after each guess: for one account, and from one address. */
import { forgetOldest } from '../forget-oldest';
import { Problem } from '../problem';

interface Failures {
  count: number;
  /** When the last one was, and until when no other is heard; milliseconds since 1970. */
  at: number;
  blockedUntil: number;
}

interface Patience {
  /** So many wrong passwords cost nothing. */
  free: number;
  /** The wait doubles from one second up to this. */
  longestSeconds: number;
}

/** Short: a stranger who guesses must not lock the owner out. */
const ofAccount: Patience = { free: 5, longestSeconds: 30 };
/** Many people may share an address. */
const ofAddress: Patience = { free: 20, longestSeconds: 900 };

const forgottenAfter = 15 * 60_000;
/** Beyond so many names the one that failed first is forgotten. */
const mostNames = 10_000;

export class FailedLogins {
  readonly #accounts = new Map<string, Failures>();
  readonly #addresses = new Map<string, Failures>();

  /**
   * @param address null for who is not held back by it.
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
      comeAgainSeconds: seconds,
    });
  }

  failed(account: string, address: string | null, now: number): void {
    note(this.#accounts, account, now, ofAccount);
    if (address !== null) note(this.#addresses, address, now, ofAddress);
  }

  /** The address keeps its failures: one good password is no licence to guess others. */
  succeeded(account: string): void {
    this.#accounts.delete(account);
  }
}

function note(names: Map<string, Failures>, name: string, now: number, patience: Patience): void {
  const known = names.get(name);
  const count = known === undefined || now - known.at > forgottenAfter ? 1 : known.count + 1;
  const surplus = count - patience.free;
  const seconds = surplus <= 0 ? 0 : Math.min(2 ** (surplus - 1), patience.longestSeconds);
  // Anew at the end: the map keeps the order, and the first is the oldest.
  names.delete(name);
  names.set(name, { count, at: now, blockedUntil: now + seconds * 1000 });
  forgetOldest(names, mostNames);
}
