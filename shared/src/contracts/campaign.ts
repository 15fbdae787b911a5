/** Campaigns: a list of contacts, uploaded as CSV, that an agent calls. Names, states and bounds are Dograh's. */
import * as z from 'zod';
import { campaignBreaker, campaignRetry, campaignSchedule } from './campaign-settings';
import { lenientId, plainText, timestamp } from './json';

/** The largest file, in bytes. */
export const largestCampaignFile = 10_485_760;

export const campaignUploadRequest = z
  .object({
    file_name: z
      .string()
      .max(255)
      .regex(/\.csv$/, 'The name must end with .csv'),
    file_size: z.int().min(1).max(largestCampaignFile).meta({
      description: 'In bytes. A longer file is refused.',
      example: 2048,
    }),
    content_type: z.string().default('text/csv').meta({
      description: 'The file itself is sent with Content-Type: text/csv, whatever stands here.',
    }),
  })
  .meta({ id: 'CampaignUploadRequest', examples: [{ file_name: 'contacts.csv', file_size: 2048 }] });
export type CampaignUploadRequest = z.input<typeof campaignUploadRequest>;

export const campaignUpload = z
  .object({
    upload_url: z.string().meta({
      description: 'Where `PUT` takes the file, once, with Content-Type: text/csv. It needs no key.',
      example: 'http://127.0.0.1:8000/api/v1/s3/files/AAAAAQ',
    }),
    file_key: z.string().meta({ description: 'The `source_id` of the campaign.' }),
    expires_in: z.int().meta({ description: 'In seconds.', example: 900 }),
  })
  .meta({ id: 'CampaignUpload' });
export type CampaignUpload = z.infer<typeof campaignUpload>;

export const skipCodes = [
  'no_number',
  'invalid_number',
  'repeated_number',
  'unnamed_cell',
  'greeting',
] as const;

/** A row of the file that is not called. */
export const skippedRow = z
  .object({
    line: z.int().meta({ description: 'Of its first line in the file, counted from 1.', example: 3 }),
    code: z.enum(skipCodes),
    detail: z.string().meta({ description: 'What to change.', example: 'The row has no phone number.' }),
  })
  .meta({ id: 'SkippedRow' });
export type SkippedRow = z.infer<typeof skippedRow>;

/** How many skipped rows a reply lists. */
export const mostSkippedListed = 100;

const skipped = {
  skipped_rows: z.int().meta({ description: 'Rows of the file that are not called.', example: 0 }),
  skipped: z.array(skippedRow).meta({
    description: `The first ${String(mostSkippedListed)} of them, with the reason.`,
  }),
};

export const uploadedCampaignFile = z
  .object({
    file_key: z.string(),
    total_rows: z.int().meta({ description: 'Contacts of the file.', example: 2 }),
    ...skipped,
  })
  .meta({ id: 'UploadedCampaignFile' });
export type UploadedCampaignFile = z.infer<typeof uploadedCampaignFile>;

/** `syncing` is in Dograh a campaign whose file is being read. Here the file is read when it is uploaded. */
export const campaignStates = ['created', 'syncing', 'running', 'paused', 'completed', 'failed'] as const;
export type CampaignState = (typeof campaignStates)[number];

const campaignName = plainText().min(1).max(255);

/** Null means absent, as in Dograh. */
const campaignSettings = {
  retry_config: campaignRetry.nullish(),
  max_concurrency: z.int().min(1).max(100).nullish().meta({
    description: 'How many of its calls are under way at once. Absent: as many as the organization may have.',
  }),
  schedule_config: campaignSchedule.nullish().meta({ description: 'Absent: it calls at any time.' }),
  circuit_breaker: campaignBreaker.nullish(),
};

export const createCampaignRequest = z
  .object({
    name: campaignName,
    workflow_id: lenientId,
    source_type: z.literal('csv'),
    source_id: plainText().max(400).meta({ description: '`file_key` of the upload.' }),
    telephony_configuration_id: lenientId.nullish(),
    ...campaignSettings,
  })
  .meta({
    id: 'CreateCampaignRequest',
    examples: [
      {
        name: 'Reminders in May',
        workflow_id: 1,
        source_type: 'csv',
        source_id: 'campaigns/1/2f1c1a52-5f0e-4c53-9d0b-0a4c1c8f6f0e_contacts.csv',
      },
    ],
  });
export type CreateCampaignRequest = z.input<typeof createCampaignRequest>;

export const updateCampaignRequest = z
  .object({ name: campaignName.nullish(), ...campaignSettings })
  .meta({ id: 'UpdateCampaignRequest', examples: [{ name: 'Reminders in June' }] });
export type UpdateCampaignRequest = z.input<typeof updateCampaignRequest>;

export const redialCampaignRequest = z
  .object({
    name: campaignName.nullish(),
    retry_on_voicemail: z.boolean().default(true),
    retry_on_no_answer: z.boolean().default(true),
    retry_on_busy: z.boolean().default(true),
    retry_config: campaignRetry.nullish(),
  })
  .refine(
    ({ retry_on_voicemail: voicemail, retry_on_no_answer: noAnswer, retry_on_busy: busy }) =>
      voicemail || noAnswer || busy,
    {
      error: 'At least one of retry_on_voicemail, retry_on_no_answer, retry_on_busy must be true',
    },
  )
  .meta({ id: 'RedialCampaignRequest', examples: [{ retry_on_voicemail: false }] });
export type RedialCampaignRequest = z.input<typeof redialCampaignRequest>;

export const campaignLogEntry = z.object({
  ts: timestamp,
  level: z.enum(['info', 'warning', 'error']),
  event: z.string().meta({ example: 'circuit_breaker_tripped' }),
  message: z.string(),
  details: z.record(z.string(), z.unknown()).nullable(),
});
export type CampaignLogEntry = z.infer<typeof campaignLogEntry>;

export const campaign = z
  .object({
    id: z.int(),
    name: z.string(),
    workflow_id: z.int(),
    workflow_name: z.string(),
    state: z.enum(campaignStates),
    source_type: z.literal('csv'),
    source_id: z.string(),
    total_rows: z.int().nullable().meta({ description: 'Contacts of its file.' }),
    processed_rows: z.int().meta({ description: 'Contacts that were called, or could not be.' }),
    failed_rows: z.int().meta({ description: 'Contacts that were not reached in the end.' }),
    created_at: timestamp,
    started_at: timestamp.nullable(),
    completed_at: timestamp.nullable(),
    retry_config: campaignRetry,
    max_concurrency: z.int().nullable(),
    schedule_config: campaignSchedule.nullable(),
    circuit_breaker: campaignBreaker,
    executed_count: z.int().meta({ description: 'As `processed_rows`.' }),
    total_queued_count: z.int().meta({ description: 'Contacts whose call was queued so far.' }),
    parent_campaign_id: z.int().nullable(),
    redialed_campaign_id: z.int().nullable(),
    telephony_configuration_id: z.int().nullable(),
    telephony_configuration_name: z.string().nullable(),
    logs: z.array(campaignLogEntry).meta({ description: 'Why it paused by itself: the newest entry last.' }),
    skipped_rows: skipped.skipped_rows,
    skipped: z
      .array(skippedRow)
      .optional()
      .meta({
        description: `The first ${String(mostSkippedListed)} of them, with the reason. Not in lists.`,
      }),
  })
  .meta({ id: 'Campaign' });
export type Campaign = z.infer<typeof campaign>;

export const campaigns = z.object({ campaigns: z.array(campaign) }).meta({ id: 'Campaigns' });
export type Campaigns = z.infer<typeof campaigns>;

export const campaignProgress = z
  .object({
    campaign_id: z.int(),
    state: z.enum(campaignStates),
    total_rows: z.int(),
    processed_rows: z.int(),
    failed_calls: z.int(),
    progress_percentage: z.number().meta({ description: 'From 0 to 100.' }),
    source_sync: z.object({
      status: z.literal('completed'),
      last_synced_at: timestamp.nullable(),
      error: z.string().nullable(),
    }),
    rate_limit: z.int().meta({
      description: 'In Dograh the calls a second. Here the pace is the carrier account’s.',
    }),
    started_at: timestamp.nullable(),
    completed_at: timestamp.nullable(),
  })
  .meta({ id: 'CampaignProgress' });
export type CampaignProgress = z.infer<typeof campaignProgress>;

export const campaignSourceDownload = z
  .object({
    download_url: z.string(),
    expires_in: z.int().meta({ description: 'In seconds.', example: 3600 }),
  })
  .meta({ id: 'CampaignSourceDownload' });
export type CampaignSourceDownload = z.infer<typeof campaignSourceDownload>;

export const campaignDefaults = z
  .object({
    concurrent_call_limit: z.int().meta({
      description: 'Maximum number of calls of the organization that are in progress at the same time.',
    }),
    from_numbers_count: z
      .int()
      .meta({ description: 'Active phone numbers of the default telephony configuration.' }),
    default_retry_config: campaignRetry,
    last_campaign_settings: z
      .object({
        retry_config: campaignRetry,
        max_concurrency: z.int().nullable(),
        schedule_config: campaignSchedule.nullable(),
        circuit_breaker: campaignBreaker,
      })
      .nullable()
      .meta({ description: 'Of the newest campaign.' }),
  })
  .meta({ id: 'CampaignDefaults' });
export type CampaignDefaults = z.infer<typeof campaignDefaults>;
