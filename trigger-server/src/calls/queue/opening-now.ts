/** Whether a queued call may be placed now, by the destination policy and the do-not-call list. */
import type { CallLimits } from '../../accounts/organizations';
import type { Session } from '../../storage/port';
import { assertNumberAllowed, parsePolicy } from '../policy/destination-policy';
import { findDoNotCall } from '../policy/do-not-call/blocked';
import { numberPause } from '../policy/number-limit/number-limit';
import { openingFor, type NumberOpening } from '../policy/opening';
import type { PreparedCall } from '../prepare-call';
import type { Services } from '../../services';

/** @throws Problem unprocessable for a number that may not be called at all. */
export async function openingNow(
  { clock }: Pick<Services, 'clock'>,
  session: Session,
  limits: CallLimits,
  { order, destination }: Pick<PreparedCall, 'order' | 'destination'>,
): Promise<NumberOpening> {
  const at = clock.now();
  const { organizationId } = order.identity;
  const number = destination.e164;
  const policy = parsePolicy(limits.policy);
  assertNumberAllowed(policy, destination);
  if (limits.hasDoNotCall === 1) {
    const [onTheList = null] = await findDoNotCall(session, [{ organizationId, number, at }]);
    if (onTheList !== null) throw onTheList;
  }
  const pause = await numberPause(session, policy, { organizationId, number, at: clock.steady() });
  return openingFor(policy, destination, { at, timeZone: order.schedule.timeZone }, pause);
}
