/** Webhooks: subscriptions, the signing secret, stored credentials, deliveries and events. */
import * as z from 'zod';
import { isStorableText, jsonObject, lenientId, plainText, timestamp } from './json';
import { run, runAttempt } from './run';

function readUrl(text: string): URL | null {
  return isStorableText(text) && URL.canParse(text) ? new URL(text) : null;
}

/** An address that events are sent to. Whether it is in a private network is checked when the server connects. */
export const webhookUrl = z
  .string()
  .max(2048)
  .refine(
    (text) => /^https?:$/.test(readUrl(text)?.protocol ?? ''),
    'Input should be an absolute http:// or https:// address',
  )
  .refine((text) => {
    const url = readUrl(text);
    return url === null || (url.username === '' && url.password === '');
  }, 'Leave the user name and password out of the address')
  .meta({ format: 'uri' });

/** In the order in which they happen to a call. */
export const webhookEvents = [
  'call.answered',
  'call.attempt_ended',
  'call.completed',
  'call.artifacts_ready',
] as const;
export type WebhookEvent = (typeof webhookEvents)[number];

const isTest = z.literal(true).optional().meta({
  description:
    'Only in test events (POST /hooks/{hook_id}/test): nobody was called, and `data` is an example.',
});

/** @param when what the time of the event is. @param data the run, with what is to be said of it. */
function runEvent<Type extends WebhookEvent>(type: Type, when: string, data = run) {
  return z.looseObject({
    type: z.literal(type),
    timestamp: timestamp.meta({ description: when }),
    test: isTest,
    data,
  });
}

/** The event that a subscription and a `callback_url` receive. The run can be read again at any time. */
export const callCompletedEvent = runEvent('call.completed', 'When the call ended.').meta({
  id: 'CallCompletedEvent',
});
export type CallCompletedEvent = z.infer<typeof callCompletedEvent>;

/** Sent once per call, to the subscriptions that include this event. */
export const callArtifactsReadyEvent = runEvent(
  'call.artifacts_ready',
  'When the files of the call existed, or the server gave them up. Never before the call has ended.',
).meta({ id: 'CallArtifactsReadyEvent' });
export type CallArtifactsReadyEvent = z.infer<typeof callArtifactsReadyEvent>;

/** Sent for each attempt, the last one too, to the subscriptions that include this event. */
export const callAttemptEndedEvent = runEvent(
  'call.attempt_ended',
  'When the attempt ended.',
  run.meta({ description: 'The run when the event was first sent. It may wait for its next attempt.' }),
)
  .extend({ attempt: runAttempt })
  .meta({ id: 'CallAttemptEndedEvent' });
export type CallAttemptEndedEvent = z.infer<typeof callAttemptEndedEvent>;

/** Sent when somebody, or a machine, answers an attempt, to the subscriptions that include this event. */
export const callAnsweredEvent = runEvent(
  'call.answered',
  'When the carrier reported the answer.',
  run.meta({ description: 'The run when the event was first sent. The call may have ended by then.' }),
).meta({ id: 'CallAnsweredEvent' });
export type CallAnsweredEvent = z.infer<typeof callAnsweredEvent>;

/** Any event of a subscription. */
export const callEvent = z.discriminatedUnion('type', [
  callAnsweredEvent,
  callAttemptEndedEvent,
  callCompletedEvent,
  callArtifactsReadyEvent,
]);

const eventType = z.enum(webhookEvents);
/** One type, or a list of them. */
const subscribedEvents = z.union([eventType, z.array(eventType).min(1)], {
  error: ({ input }) =>
    input === undefined ? undefined : `Input should be one of, or a list of: ${webhookEvents.join(', ')}`,
});

export const createHookRequest = z
  .object({
    target_url: webhookUrl.meta({ example: 'https://example.com/call-ended' }),
    event: subscribedEvents.meta({
      description: 'One type or a list of types. The order does not matter.',
      example: 'call.completed',
    }),
    workflow_uuid: plainText()
      .max(64)
      .nullish()
      .meta({ description: 'Only calls of this agent. Absent: of every agent.' }),
  })
  .meta({
    id: 'CreateHookRequest',
    examples: [{ target_url: 'https://example.com/call-ended', event: 'call.completed' }],
  });
export type CreateHookRequest = z.output<typeof createHookRequest>;

export const hook = z
  .object({
    id: z.int(),
    target_url: z.string(),
    events: z.array(eventType).meta({ example: ['call.completed'] }),
    workflow_uuid: z.string().nullable(),
    created_at: timestamp,
  })
  .meta({ id: 'Hook' });
export type Hook = z.infer<typeof hook>;

export const createdHook = hook
  .extend({
    secret: z.string().meta({
      description: 'The secret that signs the events: the organization’s webhook secret.',
      example: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    }),
  })
  .meta({ id: 'CreatedHook' });
export type CreatedHook = z.infer<typeof createdHook>;

/** The result of the one attempt to send a test event. */
export const hookTest = z
  .object({
    id: z.string().meta({ description: 'The header webhook-id of the test event.' }),
    event: eventType,
    started_at: timestamp,
    duration_milliseconds: z.int(),
    status_code: z.int().nullable().meta({ description: 'Null when no reply came.' }),
    error: z
      .string()
      .nullable()
      .meta({ description: 'Why it failed, in plain words. Null when the receiver took the event.' }),
    response: z.string().nullable().meta({ description: 'The first 500 characters of the reply.' }),
  })
  .meta({ id: 'HookTest' });
export type HookTest = z.infer<typeof hookTest>;

export const webhookSecret = z
  .object({
    secret: z.string().meta({ example: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' }),
    previous_secret_expires_at: timestamp.nullable().meta({
      description: 'Until then every event is also signed with the previous secret. Null: there is none.',
    }),
  })
  .meta({ id: 'WebhookSecret' });
export type WebhookSecret = z.infer<typeof webhookSecret>;

export const webhookCredentialTypes = [
  'none',
  'api_key',
  'bearer_token',
  'basic_auth',
  'custom_header',
] as const;
export type WebhookCredentialType = (typeof webhookCredentialTypes)[number];

const credentialType = z.enum(webhookCredentialTypes);
const credentialData = jsonObject.meta({
  description:
    'By type. bearer_token: {token}. api_key: {api_key, header_name} (default X-API-Key). basic_auth: {username, password}. custom_header: {header_name, header_value}. none: {}.',
  example: { token: 'secret' },
});

export const createWebhookCredentialRequest = z
  .object({
    name: plainText().min(1).max(255),
    description: plainText().max(1000).nullish(),
    credential_type: credentialType,
    credential_data: credentialData,
  })
  .meta({
    id: 'CreateWebhookCredentialRequest',
    examples: [
      { name: 'CRM', credential_type: 'bearer_token', credential_data: { token: 'a token of the CRM' } },
    ],
  });
export type CreateWebhookCredentialRequest = z.output<typeof createWebhookCredentialRequest>;

export const updateWebhookCredentialRequest = z
  .object({
    name: plainText().min(1).max(255).nullish(),
    description: plainText().max(1000).nullish(),
    credential_type: credentialType.nullish(),
    credential_data: credentialData.nullish(),
  })
  .meta({
    id: 'UpdateWebhookCredentialRequest',
    examples: [
      {
        credential_type: 'api_key',
        credential_data: { api_key: 'a key of the CRM', header_name: 'X-API-Key' },
      },
    ],
  });
export type UpdateWebhookCredentialRequest = z.output<typeof updateWebhookCredentialRequest>;

/** The secret data is never returned. */
export const webhookCredential = z
  .object({
    uuid: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    credential_type: credentialType,
    created_at: timestamp,
    updated_at: timestamp.nullable(),
  })
  .meta({ id: 'WebhookCredential' });
export type WebhookCredential = z.infer<typeof webhookCredential>;

export const deletedWebhookCredential = z
  .object({ status: z.literal('deleted'), uuid: z.string() })
  .meta({ id: 'DeletedWebhookCredential' });

/** Dograh's three, and `canceled`: the subscription was deleted before the delivery. */
export const deliveryStatuses = ['pending', 'succeeded', 'dead_letter', 'canceled'] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];

/** The statuses of a delivery that is not sent any more. */
export const settledStatuses = ['succeeded', 'dead_letter', 'canceled'] as const satisfies DeliveryStatus[];
export type SettledStatus = (typeof settledStatuses)[number];

export const redeliverManyRequest = z
  .object({
    since: z.iso.datetime({ offset: true }).meta({
      description: 'Only deliveries that were settled at this time or later.',
      example: '2026-11-23T12:00:00Z',
    }),
    status: z.enum(settledStatuses).default('dead_letter').meta({
      description: 'Which deliveries: by default those that were given up.',
    }),
    hook_id: lenientId.nullish().meta({ description: 'Only those of this subscription.' }),
    dry_run: z.boolean().default(false).meta({ description: 'Only count them.' }),
  })
  .meta({
    id: 'RedeliverManyRequest',
    examples: [{ since: '2026-11-23T12:00:00Z', dry_run: true }],
  });

export const redeliverManyReply = z
  .object({
    matching: z.int().meta({ description: 'How many deliveries match.' }),
    queued: z.int().meta({
      description:
        'How many of them are sent again, oldest first: at most 10,000 with one request, and 0 with dry_run. Repeat the request for the others.',
    }),
  })
  .meta({ id: 'RedeliverManyReply' });
export type RedeliverManyReply = z.infer<typeof redeliverManyReply>;

export const deliverySources = ['webhook_node', 'hook', 'callback_url'] as const;
export type DeliverySource = (typeof deliverySources)[number];

export const webhookDelivery = z
  .object({
    id: z.string().meta({
      description: 'The same at every attempt: the headers webhook-id and X-Dograh-Delivery-Id.',
    }),
    workflow_run_id: z.int(),
    source: z.enum(deliverySources),
    source_id: z
      .string()
      .nullable()
      .meta({ description: 'The id of the webhook node or of the hook. Null for a callback_url.' }),
    event: eventType
      .nullable()
      .meta({ description: 'Null for a webhook node, which sends its own payload.' }),
    method: z.string(),
    url: z
      .string()
      .meta({ description: 'Empty if the stored request is damaged, so that it cannot be sent.' }),
    status: z.enum(deliveryStatuses),
    attempt_count: z.int(),
    next_attempt_at: timestamp.nullable().meta({
      description:
        'Null when no attempt is left. Also null for a pending call.artifacts_ready, which waits until the call.completed before it was delivered or given up.',
    }),
    created_at: timestamp,
    completed_at: timestamp.nullable(),
  })
  .meta({ id: 'WebhookDelivery' });
export type WebhookDelivery = z.infer<typeof webhookDelivery>;

export const webhookAttempt = z
  .object({
    number: z.int(),
    started_at: timestamp,
    duration_milliseconds: z.int(),
    status_code: z.int().nullable().meta({ description: 'Null when no reply came.' }),
    error: z.string().nullable().meta({ description: 'Why it failed, in plain words.' }),
    response: z.string().nullable().meta({ description: 'The first 500 characters of the reply.' }),
    sent_headers: z
      .record(z.string(), z.string())
      .nullable()
      .meta({
        example: {
          'content-type': 'application/json',
          'webhook-timestamp': '1795435200',
          'webhook-signature': '********',
        },
        description:
          'The headers that the server set, by lower-case name. The signature and the values of a stored credential are masked. Null while the attempt is under way, when nothing was sent, and for attempts from before this was recorded.',
      }),
  })
  .meta({ id: 'WebhookAttempt' });
export type WebhookAttempt = z.infer<typeof webhookAttempt>;

export const webhookDeliveryDetails = webhookDelivery
  .extend({
    body: z.string().nullable().meta({
      description: 'The body, the same at every attempt. Null until the first attempt renders it.',
    }),
    attempts: z.array(webhookAttempt),
  })
  .meta({ id: 'WebhookDeliveryDetails' });
export type WebhookDeliveryDetails = z.infer<typeof webhookDeliveryDetails>;

export const webhookDeliveryPage = z
  .object({
    deliveries: z.array(webhookDelivery),
    total_count: z.int(),
    page: z.int(),
    limit: z.int(),
    total_pages: z.int(),
  })
  .meta({ id: 'WebhookDeliveryPage' });
export type WebhookDeliveryPage = z.infer<typeof webhookDeliveryPage>;
