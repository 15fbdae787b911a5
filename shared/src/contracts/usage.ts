/** The list of an organization's calls, and the dispositions of calls. */
import * as z from 'zod';
import { jsonObject, timestamp } from './json';
import { neverConnectedStatuses, runNotes, runStatuses } from './run';

/** How a conversation ended: Dograh's codes (`EndTaskReason` of its pipeline). */
export const endTaskReasonCodes = [
  'call_duration_exceeded',
  'call_transferred',
  'end_call_tool',
  'voicemail_detected',
  'user_idle_max_duration_exceeded',
  'user_hangup',
  'user_qualified',
  'user_disqualified',
  'system_cancelled',
  'system_connect_error',
  'unexpected_error',
  'unknown',
  'transfer_call',
  'transfer_call_failed',
  'pipeline_error',
] as const;

/** The dispositions that every organization has; carriers and agents add others. */
export const builtInDispositionCodes: readonly string[] = [...endTaskReasonCodes, ...neverConnectedStatuses];

export const dispositionCodes = z
  .looseObject({
    codes: z.array(z.string()).meta({
      description: 'The built-in codes, then the others that calls of this organization have ended with.',
    }),
    end_task_reason_codes: z.array(z.string()),
  })
  .meta({ id: 'DispositionCodes' });
export type DispositionCodes = z.infer<typeof dispositionCodes>;

export const usageRun = z
  .looseObject({
    id: z.int(),
    workflow_id: z.int(),
    workflow_name: z.string().nullable(),
    name: z.string().meta({ example: 'WR-API-7823' }),
    created_at: timestamp.meta({ example: '2026-08-22T03:04:05.123+00:00' }),
    dograh_token_usage: z.number(),
    call_duration_seconds: z.int().meta({ description: '0 until the call has ended.' }),
    recording_url: z.string().nullish(),
    transcript_url: z.string().nullish(),
    user_recording_url: z.string().nullish(),
    bot_recording_url: z.string().nullish(),
    recording_public_url: z.string().nullish(),
    transcript_public_url: z.string().nullish(),
    user_recording_public_url: z.string().nullish(),
    bot_recording_public_url: z.string().nullish(),
    public_access_token: z.string().nullish(),
    phone_number: z.string().nullish().meta({ deprecated: true }),
    caller_number: z.string().nullish(),
    called_number: z.string().nullish(),
    call_type: z.string().nullish().meta({ example: 'outbound' }),
    mode: z
      .string()
      .nullish()
      .meta({ description: 'The telephony provider of the call.', example: 'sandbox' }),
    disposition: z.string().nullish().meta({ description: 'Absent until the call has ended.' }),
    status: z.enum(runStatuses).optional().meta({ description: 'Only on the bundled trigger server.' }),
    answered_at: timestamp.nullish().meta({ description: 'Only on the bundled trigger server.' }),
    completed_at: timestamp.nullish().meta({ description: 'Only on the bundled trigger server.' }),
    ...runNotes,
    initial_context: jsonObject.nullish(),
    gathered_context: jsonObject.nullish(),
    artifacts_ready: z.boolean().optional().meta({ description: 'Only on the bundled trigger server.' }),
    artifacts_ready_at: timestamp.nullish().meta({ description: 'Only on the bundled trigger server.' }),
    charge_usd: z.number().nullish(),
  })
  .meta({ id: 'UsageRun' });
export type UsageRun = z.infer<typeof usageRun>;

/** How many calls there are of each word. A word without calls is left out. */
const callCounts = z.record(z.string(), z.int().min(1));

/** The most days of a summary. */
export const summaryDays = 92;

export const usageSummary = z
  .object({
    total: z.int().meta({ description: 'The same as total_count of the list with the same filters.' }),
    text_chats: z.int().meta({
      description: 'How many of them are text chats, which the other counts leave out.',
      example: 3,
    }),
    by_status: callCounts.meta({ example: { completed: 40, busy: 2 } }),
    by_disposition: callCounts.meta({
      description: 'Calls that have not ended are not counted here.',
      example: { user_hangup: 40, busy: 2 },
    }),
    days: z
      .array(
        z.object({
          date: z.iso.date().meta({ description: 'In time_zone.', example: '2026-11-23' }),
          counts: callCounts.meta({ description: 'By status.', example: { completed: 40, busy: 2 } }),
        }),
      )
      .max(summaryDays)
      .meta({
        description: `The days with calls, oldest first: of the ${String(summaryDays)} days that end with end_date, or with today. The counts above also include earlier calls.`,
      }),
  })
  .meta({ id: 'UsageSummary' });
export type UsageSummary = z.infer<typeof usageSummary>;

export const usagePage = z
  .looseObject({
    runs: z.array(usageRun),
    total_dograh_tokens: z.number().meta({
      description: 'Sum over this page only, in spite of its name, as on Dograh.',
    }),
    total_duration_seconds: z.int().meta({
      description: 'Sum over this page only, in spite of its name, as on Dograh.',
    }),
    page_duration_seconds: z.int().optional().meta({
      description:
        'Duration of the calls of this page: the same as total_duration_seconds, under an accurate name. Only on the bundled trigger server.',
    }),
    total_count: z.int().meta({ description: 'Of all pages.' }),
    page: z.int(),
    limit: z.int(),
    total_pages: z.int(),
    cursor: z.string().optional().meta({
      description:
        'Send it as the query parameter cursor with the next pages. Calls created after this page are left out, so pages do not shift. It is opaque, and valid for this organization only. Only on the bundled trigger server.',
    }),
  })
  .meta({ id: 'UsagePage' });
export type UsagePage = z.infer<typeof usagePage>;
