/** What Dograh's form for a new campaign starts with. */
import type { CampaignDefaults } from '@dograh-trigger/shared';
import { findCallLimits } from '../../accounts/organizations';
import type { Services } from '../../services';
import { listOwnConfigurations } from '../../telephony/configurations';
import { settingsOf } from '../campaign-state/settings';
import { defaultRetry } from './campaigns';
import { campaignsQuery } from './store';

export async function readCampaignDefaults(
  services: Pick<Services, 'config' | 'storage' | 'connections' | 'secrets'>,
  organizationId: number,
): Promise<CampaignDefaults> {
  const session = services.storage.read;
  const { slots } = await findCallLimits(session, organizationId);
  const configurations = await listOwnConfigurations(services, organizationId);
  const byDefault = configurations.find((configuration) => configuration.is_default_outbound);
  const [newest] = await campaignsQuery.all(session, { organizationId, limit: 1 });
  return {
    concurrent_call_limit: slots,
    from_numbers_count: byDefault?.phone_number_count ?? 0,
    default_retry_config: defaultRetry,
    last_campaign_settings: newest === undefined ? null : settingsOf(newest),
  };
}
