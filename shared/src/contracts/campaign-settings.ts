/** How a campaign calls: what is tried again, when, how many at once, and when it stops by itself. Names and bounds are Dograh's. */
import * as z from 'zod';
import { timeZone } from './time-zone';

export const campaignRetry = z
  .object({
    enabled: z.boolean().default(true),
    max_retries: z.int().min(0).max(10).default(2),
    retry_delay_seconds: z.int().min(30).max(3600).default(120),
    retry_on_busy: z.boolean().default(true),
    retry_on_no_answer: z.boolean().default(true),
    retry_on_voicemail: z.boolean().default(true),
  })
  .meta({ id: 'CampaignRetry' });
export type CampaignRetry = z.output<typeof campaignRetry>;

/** Dograh takes any two digits on either side of the colon. A slot at 25:00 would never open, without a word. */
const wallClock = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'Write a time from 00:00 to 23:59, such as 09:00');

const campaignSlot = z
  .object({
    day_of_week: z.int().min(0).max(6).meta({ description: '0: Monday.' }),
    start_time: wallClock.meta({ example: '09:00' }),
    end_time: wallClock.meta({ example: '17:30', description: 'The first minute without calls.' }),
  })
  .refine(({ start_time: start, end_time: end }) => start < end, {
    error: 'start_time must be before end_time',
  });

export const campaignSchedule = z
  .object({
    enabled: z.boolean().default(true),
    timezone: timeZone.default('UTC'),
    slots: z.array(campaignSlot).min(1).max(50),
  })
  .meta({ id: 'CampaignSchedule' });
export type CampaignSchedule = z.output<typeof campaignSchedule>;

export const campaignBreaker = z
  .object({
    enabled: z.boolean().default(true),
    failure_threshold: z.number().min(0).max(1).default(0.5).meta({
      description:
        'The campaign pauses when this part of the calls of the window has failed: 0.5 is half of them.',
    }),
    window_seconds: z.int().min(30).max(600).default(120),
    min_calls_in_window: z.int().min(1).max(100).default(5),
  })
  .meta({ id: 'CampaignBreaker' });
export type CampaignBreaker = z.output<typeof campaignBreaker>;
