/** Whether a call must wait before its dial, and until when. */
import type { Services } from '../../services';
import type { Wait } from '../../runs/queued/queued-runs';
import { openingOf } from '../policy/calling-hours';
import { readPolicy } from '../policy/destination-policy';
import type { Destination } from '../policy/destination';
import { waitForOpening } from '../policy/opening';
import type { Schedule } from '../waiting/schedule';

export interface Waiting {
  organizationId: number;
  destination: Destination;
  schedule: Schedule;
  now: Date;
}

/**
 * @returns null for a call that may be dialled now, as far as its time goes.
 * @throws Problem unprocessable if it could never be dialled before `not_after`, or if `outside_hours` does not let it
 * wait for the hours.
 */
export async function waitBeforeDial(
  services: Pick<Services, 'storage'>,
  { organizationId, destination, schedule, now }: Waiting,
): Promise<Wait | null> {
  const notBefore = schedule.notBefore === null ? now : new Date(schedule.notBefore);
  const begins = notBefore > now ? notBefore : now;
  const mayWait = schedule.outsideHours === 'wait';
  // The hours of this moment are checked with the rest of the policy, under the lock of the organization.
  if (begins === now && !mayWait) return null;
  const policy = await readPolicy(services, organizationId);
  const opening = openingOf(policy, destination, { at: begins, timeZone: schedule.timeZone });
  if (opening.open) return begins === now ? null : { dueAt: begins, waitingFor: 'time' };
  return waitForOpening(opening, schedule, now);
}
