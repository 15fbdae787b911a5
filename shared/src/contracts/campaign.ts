/** The default settings of an organization's campaigns. */
import * as z from 'zod';
import { jsonObject } from './json';

export const campaignDefaults = z
  .object({
    concurrent_call_limit: z.int().meta({
      description: 'Maximum number of calls of the organization that are in progress at the same time.',
    }),
    from_numbers_count: z
      .int()
      .meta({ description: 'Active phone numbers of the default telephony configuration.' }),
    default_retry_config: z.object({
      enabled: z.boolean(),
      max_retries: z.int(),
      retry_delay_seconds: z.int(),
      retry_on_busy: z.boolean(),
      retry_on_no_answer: z.boolean(),
      retry_on_voicemail: z.boolean(),
    }),
    last_campaign_settings: jsonObject.nullable(),
  })
  .meta({ id: 'CampaignDefaults' });
export type CampaignDefaults = z.infer<typeof campaignDefaults>;
