/** Counts the calls of campaigns that have ended. */
import type { RunStatus } from '@dograh-trigger/shared';
import type { WriteSession } from '../../storage/port';
import { endCounter } from './store';

/** Counts the end of a call for its campaign, in the transaction that ends it. @param campaignId null: it has none. */
export async function countCampaignEnd(
  session: WriteSession,
  { campaign_id: campaignId, status }: { campaign_id: number | null; status: RunStatus },
): Promise<void> {
  if (campaignId === null) return;
  await session.add(endCounter, campaignId, [1, status === 'completed' ? 0 : 1]);
}
