/**
 * Cancel requests. A request is noted before the carrier is asked to hang up, because its report of the end may arrive
 * before its reply.
 */
import type { Session, WriteSession } from '../storage/port';
import { removeCancelQuery, requestCancelQuery } from './store';

/** Notes a request; an earlier one stays. @returns whether this attempt of the call is still under way. */
export async function noteCancelRequest(
  session: WriteSession,
  call: { id: number; attempt: number },
  at: string,
): Promise<boolean> {
  // The end of the attempt, which reads the request and may queue the call again, holds the same lock.
  await session.lock('run', call.id);
  return (await requestCancelQuery.changes(session, { id: call.id, attempt: call.attempt, at })) > 0;
}

/** Removes a failed request; an earlier one stays. */
export async function forgetCancelRequest(session: Session, id: number, at: string): Promise<void> {
  await removeCancelQuery.changes(session, { id, at });
}
