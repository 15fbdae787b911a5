/** How the API shows a campaign. */
import type { Campaign, CampaignLogEntry, CampaignProgress, SkippedRow } from '@dograh-trigger/shared';
import { settingsOf } from '../campaign-state/settings';
import type { ShownCampaign } from './store';

/** @param names of its agent and its telephony configuration. @param skipped left out in lists. */
export function presentCampaign(
  row: ShownCampaign,
  names: { agent: string | null; configuration: string | null },
  skipped?: SkippedRow[],
): Campaign {
  return {
    id: row.id,
    name: row.name,
    workflow_id: row.agent_id,
    workflow_name: names.agent ?? 'Unknown',
    state: row.state,
    source_type: 'csv',
    source_id: row.file_key,
    total_rows: row.total_rows,
    processed_rows: row.ended_rows,
    failed_rows: row.failed_rows,
    created_at: row.created_at,
    started_at: row.started_at,
    completed_at: row.completed_at,
    ...settingsOf(row),
    executed_count: row.ended_rows,
    total_queued_count: row.queued_rows,
    parent_campaign_id: row.parent_id,
    redialed_campaign_id: row.redialed_id,
    telephony_configuration_id: row.telephony_configuration_id,
    telephony_configuration_name: names.configuration,
    logs: parseLogs(row.logs),
    skipped_rows: row.skipped_rows,
    ...(skipped === undefined ? {} : { skipped }),
  };
}

export function presentProgress(row: ShownCampaign): CampaignProgress {
  return {
    campaign_id: row.id,
    state: row.state,
    total_rows: row.total_rows,
    processed_rows: row.ended_rows,
    failed_calls: row.failed_rows,
    progress_percentage: row.total_rows === 0 ? 0 : (row.ended_rows / row.total_rows) * 100,
    source_sync: { status: 'completed', last_synced_at: row.created_at, error: null },
    rate_limit: 1,
    started_at: row.started_at,
    completed_at: row.completed_at,
  };
}

export function parseLogs(text: string): CampaignLogEntry[] {
  return JSON.parse(text) as CampaignLogEntry[];
}
