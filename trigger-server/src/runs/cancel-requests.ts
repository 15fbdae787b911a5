/** That a caller has asked to end a run: noted before the carrier is asked, whose report of the end may come first. */
import type { Session } from '../storage/port';
import { forgetCancelQuery, requestCancelQuery } from './store';

/** Says whether the call is still under way. The first request is the one that is noted. */
export async function noteCancelRequest(session: Session, id: number, at: string): Promise<boolean> {
  return (await requestCancelQuery.changes(session, { id, at })) > 0;
}

/** Of a request that was in vain; one that was noted before it stays. */
export async function forgetCancelRequest(session: Session, id: number, at: string): Promise<void> {
  await forgetCancelQuery.changes(session, { id, at });
}
