/** How many calls an account starts per second: the setting of every account whose carrier has such a limit. */
import * as z from 'zod';
import { field } from './field';

/** The queue places the calls of an account one by one, at most this many a second. */
const mostPerSecond = 50;

/** @param otherwise what holds while it is not set, as the end of a sentence. */
export function paceField(otherwise: string) {
  return z
    .int()
    .min(1)
    .max(mostPerSecond)
    .optional()
    .meta(
      field({
        label: 'Calls per second',
        description: `How many calls that may wait are started per second, from 1 to ${String(mostPerSecond)}. Empty: ${otherwise}`,
      }),
    );
}

const setting = z.object({ calls_per_second: z.number().optional() });

/** @param documented of the carrier, where nothing is set. @returns null: the account has no pace. */
export function paceOf(configuration: object, documented: number | undefined): number | null {
  return setting.parse(configuration).calls_per_second ?? documented ?? null;
}
