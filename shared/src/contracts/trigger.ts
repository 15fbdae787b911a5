/** The body and the reply of the four public trigger routes. */
import * as z from 'zod';
import { jsonObject, lenientId } from './json';
import { mostAttempts, retryConditions, retryExample } from './retry';
import { waitingChoices } from './schedule';
import { voicemailActions } from './voicemail';

/** Unknown fields are kept, so that the server can report them as ignored. */
export const triggerRequest = z
  .looseObject({
    phone_number: z.string().meta({
      title: 'Phone Number',
      description:
        'The number to call, in E.164 with a leading +. Spaces, dots, dashes and brackets are removed.',
      example: '+14155550100',
    }),
    initial_context: jsonObject.nullish().meta({
      title: 'Variables',
      description: 'Values for the prompts, e.g. {{initial_context.user.name}}.',
      example: { user: { name: 'Jane' } },
    }),
    telephony_configuration_id: lenientId
      .nullish()
      .meta({ title: 'Telephony Configuration', description: 'Call through this telephony configuration.' }),
    from_phone_number_id: lenientId
      .nullish()
      .meta({ title: 'Caller ID', description: 'Show this phone number as the caller ID.' }),
    strict_variables: z.boolean().nullish().meta({
      title: 'Strict Variables',
      description:
        'Refuse the call with 422 when the agent’s texts use a variable without a value and without a fallback. Absent: the agent’s own strict_variables applies. Only on the bundled trigger server.',
    }),
    // Any value is accepted in these: while their extension is off the fields are unknown, as on Dograh.
    language: z.unknown().optional().meta({
      title: 'Language',
      type: 'string',
      description:
        'The language of this call, as a BCP 47 tag. Absent: the agent’s language, otherwise en-US. A language that the carrier cannot speak is refused with 501 (code language_not_supported). Only where /health lists voice.',
      example: 'es-MX',
    }),
    voice: z.unknown().optional().meta({
      title: 'Voice',
      type: 'string',
      description:
        'The carrier’s name of the voice for this call. Absent: the agent’s voice, unless the call has another language than the agent; otherwise a voice for the language. Only where /health lists voice.',
      example: 'Polly.Mia',
    }),
    voicemail: z
      .unknown()
      .optional()
      .meta({
        title: 'Voicemail',
        type: 'object',
        properties: {
          action: { enum: [...voicemailActions], type: 'string' },
          message: { type: 'string', maxLength: 4000 },
        },
        required: ['action'],
        description:
          'What this call does if a machine answers: hang_up, leave_message (after the machine’s greeting; without message the agent’s greeting) or speak (the greeting, to whoever answers). Absent: the agent’s voicemail. What the carrier cannot do is refused with 501 (code voicemail_not_supported). Only where /health lists voicemail.',
        example: { action: 'leave_message', message: 'Please call us back.' },
      }),
    not_before: z.unknown().optional().meta({
      title: 'Not Before',
      type: 'string',
      format: 'date-time',
      description:
        'The call is placed at this instant or later: RFC 3339 with an offset, at most 366 days ahead. Until then the run is queued, and the reply is 202. Only where /health lists scheduling.',
      example: '2026-12-24T09:00:00+01:00',
    }),
    not_after: z.unknown().optional().meta({
      title: 'Not After',
      type: 'string',
      format: 'date-time',
      description:
        'A call that has not been placed by this instant is never placed: its run ends as expired, with its event. Only where /health lists scheduling.',
      example: '2026-12-24T18:00:00+01:00',
    }),
    when_busy: z
      .unknown()
      .optional()
      .meta({
        title: 'When Busy',
        type: 'string',
        enum: [...waitingChoices],
        description:
          'When no slot is free: refuse (429, the default) or wait (202, and the call is placed when its turn comes). Only where /health lists scheduling.',
      }),
    outside_hours: z
      .unknown()
      .optional()
      .meta({
        title: 'Outside Hours',
        type: 'string',
        enum: [...waitingChoices],
        description:
          'Outside the calling hours of the destination policy, or while its number was called too often: refuse (422, the default) or wait (202, and the call is placed when it may be). Only where /health lists scheduling.',
      }),
    time_zone: z.unknown().optional().meta({
      title: 'Time Zone',
      type: 'string',
      description:
        'The time zone of the person called, from the IANA database, for the calling hours. Absent: by the number. Only where /health lists scheduling.',
      example: 'America/New_York',
    }),
    pin_version: z.unknown().optional().meta({
      title: 'Pin Version',
      type: 'boolean',
      description:
        'Whether a call that waits keeps the version of the agent that was current at the request. Otherwise it has the one that is current when it is placed. A draft has no version to keep. Only where /health lists scheduling.',
    }),
    retry: z
      .unknown()
      .optional()
      .meta({
        title: 'Redial',
        type: 'object',
        properties: {
          max_attempts: { type: 'integer', minimum: 1, maximum: mostAttempts },
          on: { type: 'array', items: { enum: [...retryConditions], type: 'string' }, minItems: 1 },
          after: {
            type: 'array',
            items: { type: 'string', format: 'duration' },
            minItems: 1,
            maxItems: mostAttempts - 1,
          },
          rotate_caller_id: { type: 'boolean' },
        },
        required: ['max_attempts', 'on', 'after'],
        description:
          'Places the call again when it reached nobody: at most max_attempts times in all, after the endings in on (busy, no-answer, voicemail, unreachable), each attempt so long after the end of the one before (ISO 8601 durations from PT1S to P30D; the last one repeats), inside the calling hours and before not_after. All attempts are one run, with one call.completed at its end. It is never placed again once a person answered or declined, somebody canceled, the number is invalid or on the do-not-call list, or an outcome is unknown. The caller ID stays the same unless rotate_caller_id is true. Absent: the agent’s retry. Only where /health lists scheduling.',
        example: retryExample,
      }),
    reference: z.unknown().optional().meta({
      title: 'Reference',
      type: 'string',
      minLength: 1,
      maxLength: 255,
      description:
        'Your own name of the call, such as the ID of an order. Lists of runs are searched by it. Only where /health lists scheduling.',
      example: 'order-7823',
    }),
    metadata: z
      .unknown()
      .optional()
      .meta({
        title: 'Metadata',
        type: 'object',
        additionalProperties: { type: 'string', maxLength: 500 },
        maxProperties: 16,
        description:
          'Up to 16 values of your own, which the run and its events return: names up to 40 characters, texts up to 500. Only where /health lists scheduling.',
        example: { campaign: 'spring' },
      }),
    callback_url: z.unknown().optional().meta({
      type: 'string',
      format: 'uri',
      title: 'Callback URL',
      description:
        'Receives one signed call.completed event when the call has ended. A repeat with the same Idempotency-Key and another address adds that address: up to five are notified, and a further one is listed in Ignored-Fields. Only if /health lists callback-url.',
      example: 'https://example.com/call-ended',
    }),
  })
  .meta({
    id: 'TriggerCallRequest',
    examples: [{ phone_number: '+14155550100', initial_context: { user: { name: 'Jane' } } }],
  });
export type TriggerRequest = z.output<typeof triggerRequest>;

export const triggerReply = z
  .object({
    status: z.string().meta({
      example: 'initiated',
      description: '`initiated`, or `queued` with 202: the call waits, as its run says.',
    }),
    workflow_run_id: z.int().meta({ example: 12345 }),
    workflow_run_name: z.string().meta({ example: 'WR-API-7823' }),
  })
  .meta({ id: 'TriggerCallResponse' });
export type TriggerReply = z.infer<typeof triggerReply>;

/** `canceling`: the carrier was asked to end the call; the run ends when it reports the end. `canceled`: a queued call has ended. */
export const cancelReply = z
  .object({ status: z.enum(['canceling', 'canceled']), workflow_run_id: z.int() })
  .meta({ id: 'CancelReply' });
export type CancelReply = z.infer<typeof cancelReply>;
