/** What Dograh's form for a new campaign starts with. This server runs no campaigns, and calls nobody a second time. */
import type { CampaignDefaults } from '@dograh-trigger/shared';
import { findCallLimits } from '../../accounts/organizations';
import type { Services } from '../../services';
import { listOwnConfigurations } from '../../telephony/configurations';

export async function readCampaignDefaults(
  services: Pick<Services, 'config' | 'storage' | 'connections'>,
  organizationId: number,
): Promise<CampaignDefaults> {
  const { slots } = await findCallLimits(services.storage.read, organizationId);
  const configurations = await listOwnConfigurations(services, organizationId);
  const byDefault = configurations.find((configuration) => configuration.is_default_outbound);
  return {
    concurrent_call_limit: slots,
    from_numbers_count: byDefault?.phone_number_count ?? 0,
    default_retry_config: {
      enabled: false,
      max_retries: 0,
      retry_delay_seconds: 0,
      retry_on_busy: false,
      retry_on_no_answer: false,
      retry_on_voicemail: false,
    },
    last_campaign_settings: null,
  };
}
