import { campaignDefaults } from '@dograh-trigger/shared';
import { route, type Route } from '../../http/route';
import type { Services } from '../../services';
import { readCampaignDefaults } from './defaults';

export function campaignDefaultsRoutes(
  services: Pick<Services, 'config' | 'storage' | 'connections'>,
): Route[] {
  return [
    route({
      method: 'get',
      scope: 'read',
      path: '/organizations/campaign-defaults',
      tag: 'Organizations',
      summary: 'How many calls may be under way at once, and from how many numbers',
      auth: 'member',
      reply: campaignDefaults,
      handle: (_input, { organizationId }) => readCampaignDefaults(services, organizationId),
    }),
  ];
}
