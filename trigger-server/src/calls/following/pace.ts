/**
 * Which followed call is read next. Calls are read more often while they are young; many calls are read together, from
 * the list of their account. This file is pure.
 */

/** A call that is followed. */
export interface WatchedCall {
  callId: string;
  /** How long ago it was dialled, and last read or listed, in milliseconds. A call that was never read counts from its dial. */
  age: number;
  sinceRead: number;
  /** The same, of readings of the call itself. */
  sinceReadAlone: number;
  /** Whether that server says that it has ended, and its results are awaited. */
  hasEnded: boolean;
  /** Whether the list was read to its end without this call in it. */
  isUnlisted: boolean;
}

export type NextRead<Call extends WatchedCall> =
  | { kind: 'call'; call: Call }
  /** @property page from 1. */
  | { kind: 'page'; page: number };

/** Between two requests about open calls of one account. */
export const requestMilliseconds = 1000;

const shortestPause = 2000;
const longestPause = 30_000;
/** The pause is this part of the age: 2 s in the first 30 s, 30 s after 7.5 minutes. */
const pausePart = 15;

/** A row in the list does not say everything, so after this time a call is read by itself. */
const longestUnreadAlone = 60_000;

/** So many calls that are due are read one by one: a call itself says more than its row in a list. */
const fewCalls = 2;

/** How long after its last reading a call is due, in milliseconds. */
export function pauseOf({ age, hasEnded }: Pick<WatchedCall, 'age' | 'hasEnded'>): number {
  return hasEnded ? shortestPause : Math.min(Math.max(age / pausePart, shortestPause), longestPause);
}

/**
 * @param list `nextPage`: of a list that is being read; 1 for none. `isReadable`: whether the list could be read lately.
 * `wasReadLast`: whether the last request read a page of it.
 * @returns null when no call is due.
 */
export function nextRead<Call extends WatchedCall>(
  calls: readonly Call[],
  list: { nextPage: number; isReadable: boolean; wasReadLast: boolean },
): NextRead<Call> | null {
  const due = calls.filter((call) => call.sinceRead >= pauseOf(call));
  const [oldest] = due.toSorted((one, other) => other.sinceRead - one.sinceRead);
  const [unread] = calls
    .filter(({ hasEnded, sinceReadAlone }) => !hasEnded && sinceReadAlone >= longestUnreadAlone)
    .toSorted((one, other) => other.sinceReadAlone - one.sinceReadAlone);
  if (oldest === undefined) return unread === undefined ? null : { kind: 'call', call: unread };
  const unlisted = due.find(({ isUnlisted }) => isUnlisted);
  if (unlisted !== undefined) return { kind: 'call', call: unlisted };
  if (due.length <= fewCalls || !list.isReadable) return { kind: 'call', call: oldest };
  // One between two turns of the list, so that the list is not kept from its turn.
  if (unread !== undefined && list.wasReadLast && list.nextPage === 1) return { kind: 'call', call: unread };
  return { kind: 'page', page: list.nextPage };
}
