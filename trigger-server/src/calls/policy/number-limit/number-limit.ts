/**
 * How often a number may be called in a window of time, over all keys and agents of an organization. A call counts when it
 * is handed to the carrier, and only while a limit is set. Counting is one step with taking a slot, under the lock of the
 * organization, so that of many calls exactly the limit is placed, on any number of servers.
 */
import { durationSeconds, longestWindowSeconds, type DestinationPolicy } from '@dograh-trigger/shared';
import type { Session } from '../../../storage/port';
import { deleteCallsBefore, deleteCallsOf, deleteLatestCall, findNthLatest, insertCall } from './store';

/** A number that an organization calls. @property at by the steady clock. */
export interface NumberCall {
  organizationId: number;
  /** In E.164. */
  number: string;
  at: Date;
}

/**
 * How long the number must not be called, in milliseconds; 0: it may be called.
 * @param further how many calls to the number the same write has admitted and not counted yet.
 */
export async function numberPause(
  session: Session,
  { max_calls_per_number: limit }: DestinationPolicy,
  { organizationId, number, at }: NumberCall,
  further = 0,
): Promise<number> {
  if (limit === null) return 0;
  const window = windowMilliseconds(limit.window);
  if (further >= limit.calls) return window;
  const before = limit.calls - 1 - further;
  const first = await findNthLatest(session, { organizationId, number, before });
  return first === undefined ? 0 : Math.max(0, Date.parse(first) + window - at.getTime());
}

/** Counts a call that is about to be placed. Without a limit nothing is counted. */
export async function countNumberCall(
  session: Session,
  { max_calls_per_number: limit }: DestinationPolicy,
  { organizationId, number, at }: NumberCall,
  runId: number,
): Promise<void> {
  if (limit === null) return;
  // What no limit can count any more.
  const before = new Date(at.getTime() - longestWindowSeconds * 1000).toISOString();
  await deleteCallsBefore(session, { organizationId, number, before });
  await insertCall(session, { organizationId, number, runId, at: at.toISOString() });
}

/** Takes back the latest call of a run: nobody was called. */
export async function takeBackNumberCall(session: Session, runId: number): Promise<void> {
  await deleteLatestCall(session, runId);
}

/** Forgets the calls of runs that are erased or deleted. @param runIds at most `mostIds`. */
export async function forgetNumberCalls(session: Session, runIds: readonly number[]): Promise<void> {
  await deleteCallsOf(session, runIds);
}

function windowMilliseconds(window: string): number {
  const seconds = durationSeconds(window);
  if (seconds === null) throw new Error('The policy has a window that cannot be read');
  return seconds * 1000;
}
