/** Whether a number may be called at a time, as far as time goes: by the calls placed to it before, and by the calling hours. */
import type { DestinationPolicy, WaitingReason } from '@dograh-trigger/shared';
import type { Problem } from '../../problem';
import type { Wait } from '../../runs/queued/queued-runs';
import { wrongInstant, type Schedule } from '../waiting/schedule';
import { openingOf, type CallTime, type ClosedHours } from './calling-hours';
import type { Destination } from './destination';
import { hoursRefusal, numberLimitRefusal, type ReachedLimit } from './destination-policy';

type Closed = ClosedHours | ReachedLimit;
export type NumberOpening = { open: true } | Closed;

/** @param pause how long the number must not be called because it was called too often: see `numberPause`. */
export function openingFor(
  policy: DestinationPolicy,
  destination: Destination,
  time: CallTime,
  pause: number,
): NumberOpening {
  const { max_calls_per_number: limit } = policy;
  if (pause === 0 || limit === null) return openingOf(policy, destination, time);
  const ends = new Date(time.at.getTime() + pause);
  const hours = openingOf(policy, destination, { ...time, at: ends });
  if (hours.open) return { open: false, limit, opensAt: ends };
  return hours.opensAt === null ? hours : { open: false, limit, opensAt: hours.opensAt };
}

/** Why a call is refused at an instant at which its number may not be called. */
export function closedRefusal(closed: Closed, at: Date): Problem {
  return 'limit' in closed ? numberLimitRefusal(closed, at) : hoursRefusal(closed, at);
}

export function waitingReasonOf(closed: Closed): WaitingReason {
  return 'limit' in closed ? 'number_limit' : 'hours';
}

/**
 * Until when a call waits whose number may not be called now.
 * @throws Problem unprocessable if its schedule does not let it wait for that.
 */
export function waitForOpening(closed: Closed, schedule: Schedule, now: Date): Wait {
  const { opensAt } = closed;
  if (schedule.outsideHours === 'refuse' || opensAt === null) throw closedRefusal(closed, now);
  if (schedule.notAfter !== null && opensAt >= new Date(schedule.notAfter)) {
    const words = `The number may be called from ${opensAt.toISOString()} on. Use a later instant, or leave it out`;
    throw wrongInstant('not_after', words);
  }
  return { dueAt: opensAt, waitingFor: waitingReasonOf(closed) };
}
