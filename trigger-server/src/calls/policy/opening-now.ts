/** Whether a queued call may be placed at a moment, by the destination policy, the do-not-call list and the hours. */
import type { CallLimits } from '../../accounts/organizations';
import type { Session } from '../../storage/port';
import { openingOf, type Opening } from './calling-hours';
import { assertNumberAllowed, parsePolicy } from './destination-policy';
import { findDoNotCall } from './do-not-call/blocked';
import type { Destination } from './destination';
import type { CallTime } from './calling-hours';

/** What the rules depend on; a prepared call has all of it. */
interface PlannedCall {
  order: { identity: { organizationId: number }; schedule: Pick<CallTime, 'timeZone'> };
  destination: Destination;
}

/** @throws Problem unprocessable for a number that may not be called at all. */
export async function openingNow(
  session: Session,
  limits: CallLimits,
  { order, destination }: PlannedCall,
  at: Date,
): Promise<Opening> {
  const policy = parsePolicy(limits.policy);
  assertNumberAllowed(policy, destination);
  if (limits.hasDoNotCall === 1) {
    const { organizationId } = order.identity;
    const [onTheList = null] = await findDoNotCall(session, [
      { organizationId, number: destination.e164, at },
    ]);
    if (onTheList !== null) throw onTheList;
  }
  return openingOf(policy, destination, { at, timeZone: order.schedule.timeZone });
}
