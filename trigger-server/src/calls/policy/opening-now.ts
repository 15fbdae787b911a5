/** Whether a queued call may be placed, by the destination policy and the do-not-call list. */
import type { DestinationPolicy } from '@dograh-trigger/shared';
import type { CallLimits } from '../../accounts/organizations';
import type { Services } from '../../services';
import type { Session } from '../../storage/port';
import { openingOf, type CallTime, type Opening } from './calling-hours';
import type { Destination } from './destination';
import { assertNumberAllowed, parsePolicy } from './destination-policy';
import { findDoNotCall } from './do-not-call/blocked';
import { numberPause } from './number-limit/number-limit';
import { openingFor, type NumberOpening } from './opening';

/** What the rules depend on; a prepared call has all of it. */
interface PlannedCall {
  order: { identity: { organizationId: number }; schedule: Pick<CallTime, 'timeZone'> };
  destination: Destination;
}

/** By all rules, now. @throws Problem unprocessable for a number that may not be called at all. */
export async function openingNow(
  { clock }: Pick<Services, 'clock'>,
  session: Session,
  limits: CallLimits,
  call: PlannedCall,
): Promise<NumberOpening> {
  const { order, destination } = call;
  const at = clock.now();
  const policy = await assertMayBeCalled(session, limits, call, at);
  const { organizationId } = order.identity;
  const number = destination.e164;
  const pause = await numberPause(session, policy, { organizationId, number, at: clock.steady() });
  return openingFor(policy, destination, { at, timeZone: order.schedule.timeZone }, pause);
}

/**
 * At a later instant. How often its number was called by then is not known yet.
 * @throws Problem unprocessable for a number that may not be called at all.
 */
export async function openingAt(
  session: Session,
  limits: CallLimits,
  call: PlannedCall,
  at: Date,
): Promise<Opening> {
  const policy = await assertMayBeCalled(session, limits, call, at);
  return openingOf(policy, call.destination, { at, timeZone: call.order.schedule.timeZone });
}

async function assertMayBeCalled(
  session: Session,
  limits: CallLimits,
  { order, destination }: PlannedCall,
  at: Date,
): Promise<DestinationPolicy> {
  const policy = parsePolicy(limits.policy);
  assertNumberAllowed(policy, destination);
  if (limits.hasDoNotCall === 1) {
    const { organizationId } = order.identity;
    const [onTheList = null] = await findDoNotCall(session, [
      { organizationId, number: destination.e164, at },
    ]);
    if (onTheList !== null) throw onTheList;
  }
  return policy;
}
