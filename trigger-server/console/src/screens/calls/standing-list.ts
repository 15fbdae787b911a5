/** A list of calls that stands still while it is read: calls placed later are not in it, so its pages do not shift. */
import type { UsagePage } from '@dograh-trigger/shared';

export interface StandingList {
  cursor: string | undefined;
  total: number;
  newestId: number | null;
}

/** @param page the first page of the newest list, one call or more. */
export function standingList(page: UsagePage): StandingList {
  return { cursor: page.cursor, total: page.total_count, newestId: page.runs[0]?.id ?? null };
}

/**
 * @param shown the list on the screen; null before the first.
 * @param follows whether the reader is at its beginning, where new calls appear at once.
 * @returns the list to show. It stays the same one while no call has come, although every reply has another cursor.
 */
export function listToShow(shown: StandingList | null, newest: StandingList, follows: boolean): StandingList {
  if (shown === null) return newest;
  const hasChanged = newest.total !== shown.total || newest.newestId !== shown.newestId;
  return hasChanged && follows ? newest : shown;
}

/** How many calls the newest list has more than the one on the screen. */
export function newerCalls(shown: StandingList | null, newest: StandingList | null): number {
  return shown === null || newest === null ? 0 : Math.max(0, newest.total - shown.total);
}
