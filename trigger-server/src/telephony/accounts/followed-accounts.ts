/** The accounts whose calls another server holds. */
import type { Session } from '../../storage/port';
import { followedQuery } from './store';

/** A telephony configuration with its sealed settings. */
export type FollowedAccount = Awaited<ReturnType<typeof listFollowedAccounts>>[number];

/** Of all organizations. Calls of inactive ones may still be under way. */
export function listFollowedAccounts(session: Session) {
  return followedQuery.all(session, {});
}
