/** When the calling hours of a policy are open for a number. */
import type { DestinationPolicy } from '@dograh-trigger/shared';
import { Problem } from '../../problem';
import type { Destination } from './destination';
import { assertHoursOpen } from './destination-policy';

/** @property opensAt null: not within a year. @property refusal the words of the refusal at that moment. */
export type Opening = { isOpen: true } | { isOpen: false; opensAt: Date | null; refusal: Problem };

const stepMilliseconds = 15 * 60_000;
const farthestMilliseconds = 8 * 24 * 60 * 60_000;

/** @param moment `timeZone`: of the person called; null: by the number. */
export function openingAt(
  policy: DestinationPolicy,
  destination: Destination,
  { at }: { at: Date; timeZone: string | null },
): Opening {
  const refusal = refusalAt(policy, destination, at);
  if (refusal === null) return { isOpen: true };
  const first = Math.ceil(at.getTime() / stepMilliseconds) * stepMilliseconds;
  for (let time = first; time < at.getTime() + farthestMilliseconds; time += stepMilliseconds) {
    if (refusalAt(policy, destination, new Date(time)) === null) {
      return { isOpen: false, opensAt: new Date(time), refusal };
    }
  }
  return { isOpen: false, opensAt: null, refusal };
}

function refusalAt(policy: DestinationPolicy, destination: Destination, at: Date): Problem | null {
  try {
    assertHoursOpen(policy, destination, at);
    return null;
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
}
