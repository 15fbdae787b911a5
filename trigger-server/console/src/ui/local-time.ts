/** Moments by the reader's own clock, as an `<input type="datetime-local">` holds them. */

/**
 * @param local `2026-11-23T20:30`. Empty: none.
 * @returns ISO 8601 with its offset; null for none. What is no time is sent as it is, and the server refuses it.
 */
export function instantOf(local: string): string | null {
  if (local === '') return null;
  const moment = new Date(local);
  return Number.isNaN(moment.getTime()) ? local : moment.toISOString();
}

/** @param instant ISO 8601. @returns `2026-11-23T20:30`, without the seconds; empty for none. */
export function localOf(instant: string | null | undefined): string {
  if (instant == null) return '';
  const moment = new Date(instant);
  const two = (number: number) => String(number).padStart(2, '0');
  const day = [
    String(moment.getFullYear()).padStart(4, '0'),
    two(moment.getMonth() + 1),
    two(moment.getDate()),
  ];
  return `${day.join('-')}T${two(moment.getHours())}:${two(moment.getMinutes())}`;
}
