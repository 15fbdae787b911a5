/** Whether and when a call is placed again. This file is pure. */
import {
  durationSeconds,
  type DestinationPolicy,
  type Retry,
  type RetryCondition,
  type RunReason,
} from '@dograh-trigger/shared';
import type { Wait } from '../../runs/queued/queued-runs';
import { openingOf } from '../policy/calling-hours';
import type { Destination } from '../policy/destination';

/** A person who answered or declined, and a call without a known outcome, are under no condition. */
const endings: Record<RetryCondition, readonly RunReason[]> = {
  busy: ['busy'],
  'no-answer': ['no_answer', 'unavailable'],
  voicemail: ['voicemail'],
  unreachable: ['unreachable', 'unavailable', 'carrier_overloaded'],
};

/** How an attempt ended, as far as another one depends on it. */
export interface EndedAttempt {
  number: number;
  reason: RunReason | null;
  cancel_requested_at: string | null;
}

/** Whether any settings could let an attempt follow after this one. */
export function mayBeFollowed({ reason, cancel_requested_at: canceledAt }: EndedAttempt): boolean {
  return (
    canceledAt === null &&
    reason !== null &&
    Object.values(endings).some((reasons) => reasons.includes(reason))
  );
}

/** Of the request. */
interface Limits {
  destination: Destination;
  /** The callee's by the request; null: by the number. */
  timeZone: string | null;
  /** Null: there is none. */
  notAfter: Date | null;
}

/**
 * The next attempt is due after its pause, inside the calling hours.
 * @param endedAt when the attempt ended, by the wall clock.
 * @returns null if there is none: the settings do not name this ending, all attempts are made, or it would be too late.
 */
export function planAttempt(
  retry: Retry,
  ended: EndedAttempt,
  endedAt: Date,
  policy: DestinationPolicy,
  { destination, timeZone, notAfter }: Limits,
): Wait | null {
  const { number, reason } = ended;
  const isNamed = reason !== null && retry.on.some((condition) => endings[condition].includes(reason));
  if (!isNamed || !mayBeFollowed(ended) || number >= retry.max_attempts) return null;
  const at = new Date(endedAt.getTime() + pauseSeconds(retry, number) * 1000);
  const opening = openingOf(policy, destination, { at, timeZone });
  const dueAt = opening.open ? at : opening.opensAt;
  if (dueAt === null || (notAfter !== null && dueAt >= notAfter)) return null;
  return { dueAt, waitingFor: opening.open ? 'time' : 'hours' };
}

/** The last pause repeats. */
function pauseSeconds({ after }: Retry, number: number): number {
  const text = after[Math.min(number, after.length) - 1] ?? '';
  return durationSeconds(text) ?? 0;
}
