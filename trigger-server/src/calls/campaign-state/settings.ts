/** How a campaign calls. */
import type { CampaignBreaker, CampaignRetry, CampaignSchedule } from '@dograh-trigger/shared';
import type { CampaignRow } from './store';

export interface CampaignSettings {
  retry_config: CampaignRetry;
  max_concurrency: number | null;
  schedule_config: CampaignSchedule | null;
  circuit_breaker: CampaignBreaker;
}

export function settingsOf(
  row: Pick<CampaignRow, 'retry_config' | 'max_concurrency' | 'schedule_config' | 'circuit_breaker'>,
): CampaignSettings {
  return {
    retry_config: JSON.parse(row.retry_config) as CampaignRetry,
    max_concurrency: row.max_concurrency,
    schedule_config:
      row.schedule_config === null ? null : (JSON.parse(row.schedule_config) as CampaignSchedule),
    circuit_breaker: JSON.parse(row.circuit_breaker) as CampaignBreaker,
  };
}
