/** Names of time zones. */
import * as z from 'zod';

/**
 * Whether the name is in the IANA time zone database, such as Europe/Berlin. An offset is refused, because it does
 * not follow daylight saving time.
 */
function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

export const timeZone = z
  .string()
  .max(64)
  .refine(isTimeZone, 'Name a time zone of the IANA database, such as Europe/Berlin');
