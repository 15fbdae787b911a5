/** A run: one call of one agent, with its result. */
import * as z from 'zod';
import { jsonObject, timestamp } from './json';
import { metadata, waitingReasons } from './schedule';

/** Every status of a run on the bundled server; the last seven are final. Dograh does not report a status. */
export const runStatuses = [
  'queued',
  'initiated',
  'ringing',
  'answered',
  'completed',
  'busy',
  'no-answer',
  'canceled',
  'failed',
  'error',
  'expired',
] as const;
export type RunStatus = (typeof runStatuses)[number];

/** Final statuses of calls that never connected. They are dispositions, too, as on Dograh. */
export const neverConnectedStatuses = [
  'busy',
  'no-answer',
  'canceled',
  'failed',
  'error',
  'expired',
] as const satisfies readonly RunStatus[];

/** Whether a run in this status has ended. */
export function isFinalStatus(status: RunStatus): boolean {
  return !openStatuses.has(status);
}

const openStatuses: ReadonlySet<RunStatus> = new Set(['queued', 'initiated', 'ringing', 'answered']);

const usageInfo = z.looseObject({
  llm: z.record(z.string(), z.unknown()),
  tts: z.record(z.string(), z.unknown()),
  stt: z.record(z.string(), z.unknown()),
  call_duration_seconds: z.number().nullish(),
});

const costInfo = z.looseObject({
  dograh_token_usage: z.number(),
  call_duration_seconds: z.number().nullish(),
});

/** The default telephony configuration, when it was not ready and another one placed the call. */
export const fallbackFrom = z.object({
  telephony_configuration_id: z.int(),
  name: z.string(),
  provider: z.string(),
  reason: z.string().meta({ description: 'Why it could not place the call.' }),
});
export type FallbackFrom = z.infer<typeof fallbackFrom>;

/** The `reason` of a run that was not placed: the same request may be sent again. */
export const notPlaced = 'not_placed';

/** Every reason why a call can have ended as it did. The ordinary end of a conversation has none. */
export const runReasons = [
  notPlaced,
  'busy',
  'declined',
  'no_answer',
  'unavailable',
  'unreachable',
  'invalid_number',
  'refused_by_carrier',
  'carrier_overloaded',
  'canceled',
  'voicemail',
  'fax',
  'agent_unreachable',
  'announcement_failed',
  'broken_off',
  'no_report',
  'expired',
  'agent_archived',
  'do_not_call',
  'destination_refused',
  'refused_at_dial',
  'unknown',
] as const;
export type RunReason = (typeof runReasons)[number];

/** Who or what answered a call, in `gathered_context.answered_by`; the carrier's own word is in `answered_by_raw`. */
export const answeredByWords = ['human', 'machine', 'fax', 'unknown'] as const;
export type AnsweredBy = (typeof answeredByWords)[number];

/** How the request of a call was sent: by n8n, by Zapier, by a person who is signed in, or by any other program. */
export const callSources = ['n8n', 'zapier', 'session', 'api'] as const;
export type CallSource = (typeof callSources)[number];

/** One dial of a run. */
export const runAttempt = z.object({
  number: z.int().meta({ description: '1 is the first one.' }),
  call_id: z.string().nullable().meta({ description: 'The carrier’s id of the call.' }),
  status: z.enum(runStatuses),
  disposition: z.string().nullable(),
  reason: z.enum(runReasons).nullable(),
  started_at: timestamp,
  ended_at: timestamp.nullable(),
});
export type RunAttempt = z.infer<typeof runAttempt>;

/** Fields that explain a run beyond its status. Dograh has none of them. */
export const runNotes = {
  reason: z.enum(runReasons).nullish().meta({
    description:
      'Why the call ended as it did; null for the ordinary end of a conversation. not_placed: nobody was called, and the same request may be sent again. The carrier’s own word and the SIP code are carrier_reason and sip_code in gathered_context. Only on the bundled trigger server.',
  }),
  dial_detail: z.string().nullish().meta({
    example: 'Twilio: 21219 The number is unverified',
    description:
      'Why the call was not placed, in the carrier’s words where it refused the dial. Null for any other call. Only on the bundled trigger server.',
  }),
  source: z
    .object({
      kind: z.enum(callSources),
      api_key_id: z.int().nullable(),
      api_key_name: z.string().nullable(),
    })
    .nullish()
    .meta({
      description:
        'What sent the request: n8n, zapier, session (a person who is signed in) or api, and with which API key. Null for calls from before this was recorded. Only on the bundled trigger server.',
    }),
  fallback_from: fallbackFrom.nullish().meta({
    description:
      'The default telephony configuration, if it was not ready and another one placed the call. Only on the bundled trigger server.',
  }),
  voicemail_left: z.boolean().nullish().meta({
    description:
      'For a call with a voicemail setting that a machine answered: whether the message was spoken to its end after the machine’s greeting. Null for all other calls. Only on the bundled trigger server.',
  }),
  ignored_fields: z.array(z.string()).nullish().meta({
    description: 'Unknown fields of the request, which had no effect. Only on the bundled trigger server.',
  }),
  omitted_fields: z.array(z.string()).optional().meta({
    description:
      'In a list: the names of contexts over 32 KiB, which are left out. Read the run to get them. Only on the bundled trigger server.',
  }),
  unresolved_variables: z
    .array(z.string())
    .nullish()
    .meta({
      example: ['user.name'],
      description:
        'Variables of the agent’s texts without a value and without a fallback: the agent says nothing in their place. Only on the bundled trigger server.',
    }),
  waiting_for: z.enum(waitingReasons).nullish().meta({
    description:
      'What a queued call waits for: its time (time), the calling hours of the callee (hours), the limit of calls to its number (number_limit), a free slot (slot), its turn at the telephony configuration (pace), a carrier that could not be reached (carrier), or its turn in its campaign, which may be paused (campaign). Null for any other call. Only on the bundled trigger server.',
  }),
  due_at: timestamp.nullish().meta({
    description: 'When a queued call is due. Null for any other call. Only on the bundled trigger server.',
  }),
  not_after: timestamp.nullish().meta({
    description: 'When the call expires unless it has been placed. Only on the bundled trigger server.',
  }),
  attempt: z.int().optional().meta({
    description:
      'The number of the attempt that is under way, or was the last one. While the call waits: of the next one. Only on the bundled trigger server.',
  }),
  attempts: z.array(runAttempt).nullish().meta({
    description:
      'The attempts to reach the person called, oldest first; several only with retry. Null in a list. Only on the bundled trigger server.',
  }),
  reference: z.string().nullish().meta({
    description: 'The reference of the request. Only on the bundled trigger server.',
  }),
  metadata: metadata.nullish().meta({
    description: 'The metadata of the request. Only on the bundled trigger server.',
  }),
  erased_at: timestamp.nullish().meta({
    description:
      'When everything about the person called was removed. Null for any other call. Only on the bundled trigger server.',
  }),
};

export const run = z
  .looseObject({
    id: z.int(),
    workflow_id: z.int(),
    name: z.string().meta({ example: 'WR-API-7823' }),
    mode: z.string().meta({ description: 'The telephony provider of the call.', example: 'sandbox' }),
    created_at: timestamp,
    definition_id: z.int().nullish(),
    call_type: z.string().meta({ example: 'outbound' }),
    is_completed: z.boolean(),
    status: z.enum(runStatuses).optional().meta({ description: 'Only on the bundled trigger server.' }),
    answered_at: timestamp.nullish().meta({ description: 'Only on the bundled trigger server.' }),
    completed_at: timestamp.nullish().meta({ description: 'Only on the bundled trigger server.' }),
    artifacts_ready: z.boolean().optional().meta({ description: 'Only on the bundled trigger server.' }),
    artifacts_ready_at: timestamp.nullish().meta({
      description:
        'When the files of the ended call existed, or the server gave them up. Only on the bundled trigger server.',
    }),
    ...runNotes,
    transcript_url: z.string().nullish(),
    recording_url: z.string().nullish(),
    user_recording_url: z.string().nullish(),
    bot_recording_url: z.string().nullish(),
    transcript_public_url: z.string().nullish(),
    recording_public_url: z.string().nullish(),
    user_recording_public_url: z.string().nullish(),
    bot_recording_public_url: z.string().nullish(),
    public_access_token: z.string().nullish(),
    usage_info: usageInfo.nullish(),
    cost_info: costInfo.nullish(),
    initial_context: jsonObject.nullish(),
    gathered_context: jsonObject.nullish(),
    logs: jsonObject.nullish(),
    annotations: jsonObject.nullish(),
  })
  .meta({ id: 'Run' });
export type Run = z.infer<typeof run>;

export const runPage = z
  .looseObject({
    runs: z.array(run),
    total_count: z.int(),
    page: z.int(),
    limit: z.int(),
    total_pages: z.int(),
    applied_filters: z.array(jsonObject).nullish(),
    cursor: z.string().optional().meta({
      description:
        'Send it as the query parameter cursor with the next pages. Calls created after this page are left out, so pages do not shift. It is opaque, and valid for this organization only. Only on the bundled trigger server.',
    }),
  })
  .meta({ id: 'RunPage' });
export type RunPage = z.infer<typeof runPage>;
