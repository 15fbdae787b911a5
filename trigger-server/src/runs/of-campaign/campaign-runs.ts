/** The runs of a campaign: one for each contact. */
import type { RunStatus } from '@dograh-trigger/shared';
import type { Session } from '../../storage/port';
import {
  dueQuery,
  putOffQuery,
  endedSinceQuery,
  endingsQuery,
  markQuery,
  openQuery,
  underWayQuery,
  type Ending,
} from './store';

export type { Ending } from './store';

/** Notes whose call a new run is. @throws UniqueViolation if the line has a run already. */
export async function markCampaignRun(
  session: Session,
  id: number,
  place: { campaignId: number; line: number },
): Promise<void> {
  await markQuery.changes(session, { id, ...place });
}

/** How many calls of the campaign are being dialled or under way. */
export async function countUnderWay(session: Session, campaignId: number): Promise<number> {
  return Number((await underWayQuery.first(session, { campaignId }))?.count ?? 0);
}

/** How many of its calls wait to be placed: those that are due, and those whose first attempt was put off. */
export async function countWaiting(session: Session, campaignId: number, now: string): Promise<number> {
  const due = await dueQuery.first(session, { campaignId, now });
  const putOff = await putOffQuery.first(session, { campaignId, now });
  return Number(due?.count ?? 0) + Number(putOff?.count ?? 0);
}

/** Whether one of its calls has not ended. */
export async function hasOpenRun(session: Session, campaignId: number): Promise<boolean> {
  return (await openQuery.first(session, { campaignId })) !== undefined;
}

/** How many of its calls have ended since an instant of the wall clock, by status. */
export async function countEndedSince(
  session: Session,
  campaignId: number,
  since: string,
): Promise<{ status: RunStatus; count: number }[]> {
  const rows = await endedSinceQuery.all(session, { campaignId, since });
  return rows.map(({ status, count }) => ({ status, count: Number(count) }));
}

/** Its runs after a line of its file, in order, at most `limit`. */
export async function listEndings(
  session: Session,
  campaignId: number,
  after: number,
  limit: number,
): Promise<Ending[]> {
  const rows = await endingsQuery.all(session, { campaignId, after, limit });
  return rows.map(({ campaign_line: line, status, disposition }) => ({
    line: line ?? 0,
    status,
    disposition,
  }));
}
