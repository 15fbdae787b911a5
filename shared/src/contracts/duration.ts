/** Durations of ISO 8601. */

/** Weeks alone, or days, hours, minutes and seconds. A month and a year have no fixed length. */
const duration =
  /^P(?:(\d{1,7})W|(?!$)(?:(\d{1,7})D)?(?:T(?!$)(?:(\d{1,7})H)?(?:(\d{1,7})M)?(?:(\d{1,7})S)?)?)$/;

/**
 * Reads a duration of ISO 8601, such as `PT15M`. A day has 24 hours.
 * @returns seconds; null for any other text.
 */
export function durationSeconds(text: string): number | null {
  const parts = duration.exec(text);
  if (parts === null) return null;
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = parts
    .slice(1)
    .map((digits: string | undefined) => Number(digits ?? 0));
  return (((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds;
}
