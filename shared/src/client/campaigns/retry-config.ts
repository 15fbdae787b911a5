/** How often the contacts of a campaign are called, as Dograh takes it. */
import type { CreateCampaignRequest } from '../../contracts';

/** The ends of a call after which Dograh can call again. */
export const campaignRetryReasons = ['busy', 'no-answer', 'voicemail'] as const;
type CampaignRetryReason = (typeof campaignRetryReasons)[number];

/**
 * @param attempts with the first one. @param pauseSeconds after the end of an attempt. @param on which ends another attempt
 * follows; empty: none.
 */
export function retryConfigOf({
  attempts,
  pauseSeconds,
  on,
}: {
  attempts: number;
  pauseSeconds: number;
  on: readonly CampaignRetryReason[];
}): NonNullable<CreateCampaignRequest['retry_config']> {
  return {
    enabled: attempts > 1 && on.length > 0,
    max_retries: attempts - 1,
    retry_delay_seconds: pauseSeconds,
    retry_on_busy: on.includes('busy'),
    retry_on_no_answer: on.includes('no-answer'),
    retry_on_voicemail: on.includes('voicemail'),
  };
}
