/** Campaigns as Dograh and the bundled server show them. */
import * as z from 'zod';
import { campaign, campaignProgress } from '../../contracts';
import type { Connection } from '../connection';
import { pathId } from '../path-id';

/** What both servers say. Only the bundled one says which rows it skips. Dograh may have more states and sources. */
export const shownCampaign = campaign
  .pick({
    id: true,
    name: true,
    workflow_id: true,
    workflow_name: true,
    source_id: true,
    total_rows: true,
    processed_rows: true,
    failed_rows: true,
    created_at: true,
    started_at: true,
    completed_at: true,
    skipped_rows: true,
    skipped: true,
  })
  .partial({ skipped_rows: true, skipped: true })
  .extend({ state: z.string(), logs: z.array(z.object({ message: z.string() })).optional() });
export type ShownCampaign = z.infer<typeof shownCampaign>;

const shownCampaigns = z.object({ campaigns: z.array(shownCampaign) });

const shownProgress = campaignProgress
  .pick({
    campaign_id: true,
    total_rows: true,
    processed_rows: true,
    failed_calls: true,
    progress_percentage: true,
    started_at: true,
    completed_at: true,
  })
  .extend({ state: z.string() });
/** Counts of contacts; `progress_percentage` is from 0 to 100. */
export type ShownProgress = z.infer<typeof shownProgress>;

/** The path of a campaign below `/api/v1`. @throws TriggerError `invalid_input` */
export function campaignPath(id: number): string {
  return `/campaign/${pathId('campaign', id)}`;
}

/** @throws TriggerError */
export function readCampaign(connection: Connection, id: number): Promise<ShownCampaign> {
  return connection.read(campaignPath(id), shownCampaign);
}

/** @throws TriggerError */
export function readCampaignProgress(connection: Connection, id: number): Promise<ShownProgress> {
  return connection.read(`${campaignPath(id)}/progress`, shownProgress);
}

/** The campaigns of the organization, newest first; the bundled server lists 1,000. @throws TriggerError */
export async function listCampaigns(connection: Connection): Promise<ShownCampaign[]> {
  const { campaigns } = await connection.read('/campaign/', shownCampaigns);
  return campaigns.sort((left, right) => right.id - left.id);
}
