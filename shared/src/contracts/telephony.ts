/** Telephony configurations (one account at one carrier) and the phone numbers that belong to them. */
import * as z from 'zod';
import { answerMode } from './agent';
import { voicemailOffer } from './voicemail';
import { jsonObject, plainText, timestamp } from './json';

/** A carrier's answer to the question whether it accepts the settings of an account. */
export const accountVerification = z
  .object({
    verified_at: timestamp,
    ok: z.boolean().nullable().meta({
      description:
        'Null: the carrier could not be reached, or failed, so nothing is known about the settings.',
    }),
    detail: z.string().meta({
      description: 'In the carrier’s own words, where it has any.',
      example: 'Twilio: 20003 Authenticate (HTTP 401)',
    }),
    field: z.string().nullable().meta({
      description: 'The field of config to check first; null where the answer does not point to one.',
      example: 'auth_token',
    }),
  })
  .meta({ id: 'AccountVerification' });
export type AccountVerification = z.infer<typeof accountVerification>;

const configurationFields = {
  id: z.int(),
  name: z.string(),
  provider: z.string().meta({ example: 'sandbox' }),
  connectivity: z.string().nullish().meta({ description: 'api or sip' }),
  is_default_outbound: z.boolean(),
  inactive: z.boolean().nullish(),
  inactive_since: timestamp.nullish(),
  inactive_reason: z.string().nullish(),
  created_at: timestamp,
  updated_at: timestamp,
  readiness: z.enum(['ready', 'unchecked', 'not_ready']).optional().meta({
    description:
      'What is known of it. ready: its carrier accepted the settings. unchecked: its carrier was not asked yet, or could not be reached; calls are tried. not_ready: outbound_blocked_reason or last_verification says why. Only on the bundled trigger server.',
  }),
  last_verification: accountVerification.nullish().meta({
    description:
      'The last reply of verify for these settings; null before the first. Only on the bundled trigger server.',
  }),
};

export const telephonyConfigurationListItem = z
  .looseObject({
    ...configurationFields,
    phone_number_count: z.int().nullish(),
    is_ready_for_outbound: z.boolean().nullish(),
    outbound_blocked_reason: z.string().nullish(),
  })
  .meta({ id: 'TelephonyConfigurationListItem' });
export type TelephonyConfigurationListItem = z.infer<typeof telephonyConfigurationListItem>;

export const telephonyConfigurationList = z
  .looseObject({ configurations: z.array(telephonyConfigurationListItem) })
  .meta({ id: 'TelephonyConfigurationList' });

const offerDescription =
  'The actions of voicemail that calls can have, by the agent’s answer; empty where the carrier cannot tell who answered. Only on the bundled trigger server.';

/** What calls through a carrier can do. Only on the bundled trigger server. */
const carrierAbilities = {
  answers: z
    .array(answerMode)
    .optional()
    .meta({ description: 'The values of an agent’s answer that calls through this carrier can have.' }),
  relays: z.boolean().optional().meta({
    description:
      'Whether a conversation can go over a WebSocket of the carrier, which an account turns on, instead of one document after another.',
  }),
  transfers: z.boolean().optional().meta({
    description: 'Whether an agent that talks can hand its callee over to a person (tool transfer_call).',
  }),
  voicemail: voicemailOffer.optional().meta({ description: offerDescription }),
  languages: z.array(z.string()).nullish().meta({
    description: 'BCP 47 tags of the languages that the carrier speaks; null: any.',
  }),
};

const setupChecklist = z.object({
  ready_for_outbound: z.boolean(),
  outbound_blocked_reason: z.string().nullable(),
  steps: z.array(
    z.object({
      key: z.string(),
      title: z.string(),
      description: z.string(),
      complete: z.boolean(),
      blocks_outbound: z.boolean(),
    }),
  ),
  docs_url: z.string().nullable(),
  ...carrierAbilities,
  default_answer: z
    .object({ answer: z.string().meta({ description: 'converse or announce' }), reason: z.string() })
    .optional()
    .meta({
      description:
        'What the calls of an agent get here that names no answer. Absent where another server holds the calls. Only on the bundled trigger server.',
    }),
});
export type SetupChecklist = z.infer<typeof setupChecklist>;

export const telephonyConfiguration = z
  .looseObject({
    ...configurationFields,
    credentials: jsonObject.meta({
      description: 'Secrets are masked: asterisks and the last four characters.',
    }),
    sip_connectivity: jsonObject.nullish(),
    setup_checklist: setupChecklist.nullish(),
    supports_trunks: z.boolean().nullish(),
    trunks: z.array(jsonObject).nullish(),
    webhook_url: z.string().nullish().meta({
      description:
        'For a provider whose calls another server holds: the address for a webhook node of its agents, so that a call ends here as soon as it has ended there. It contains a signature, so keep it to yourself. Null without PUBLIC_BASE_URL, and absent for every other provider. Only on the bundled trigger server.',
    }),
    warnings: z.array(z.string()).optional().meta({
      description:
        'Problems that calls will have after this change. Absent without warnings. Only on the bundled trigger server.',
    }),
  })
  .meta({ id: 'TelephonyConfiguration' });
export type TelephonyConfiguration = z.infer<typeof telephonyConfiguration>;

/** `config` is checked against the provider's own schema by the server. */
export const telephonyConfigurationName = plainText().min(1).max(64);

export const phoneNumber = z
  .looseObject({
    id: z.int(),
    telephony_configuration_id: z.int(),
    address: z.string().meta({ example: '+14155550100' }),
    address_normalized: z.string(),
    address_type: z.string().meta({ description: 'pstn, sip_uri or sip_extension' }),
    country_code: z.string().nullish(),
    label: z.string().nullish(),
    inbound_workflow_id: z.int().nullish(),
    inbound_workflow_name: z.string().nullish(),
    telephony_trunk_id: z.int().nullish(),
    is_active: z.boolean(),
    is_default_caller_id: z.boolean(),
    extra_metadata: jsonObject.nullish(),
    created_at: timestamp,
    updated_at: timestamp,
    provider_sync: z.object({ ok: z.boolean(), message: z.string().nullish() }).nullish(),
  })
  .meta({ id: 'PhoneNumber' });
export type PhoneNumber = z.infer<typeof phoneNumber>;

export const phoneNumberList = z
  .looseObject({ phone_numbers: z.array(phoneNumber) })
  .meta({ id: 'PhoneNumberList' });

export const createPhoneNumberRequest = z
  .object({
    address: plainText().min(1).max(255),
    country_code: z
      .string()
      .regex(/^[A-Za-z]{2}$/)
      .nullish()
      .meta({ description: 'ISO 3166 country of a number that is written without its calling code.' }),
    label: plainText().max(255).nullish(),
    is_active: z.boolean().default(true),
    is_default_caller_id: z.boolean().default(false),
    extra_metadata: jsonObject.default({}),
  })
  .meta({
    id: 'CreatePhoneNumberRequest',
    examples: [{ address: '+14155550123', label: 'Main line', is_default_caller_id: true }],
  });
export type CreatePhoneNumberRequest = z.output<typeof createPhoneNumberRequest>;

export const updatePhoneNumberRequest = z
  .object({
    country_code: z
      .string()
      .regex(/^[A-Za-z]{2}$/)
      .nullish(),
    label: plainText().max(255).nullish(),
    is_active: z.boolean().nullish(),
    extra_metadata: jsonObject.nullish(),
  })
  .meta({
    id: 'UpdatePhoneNumberRequest',
    examples: [{ label: 'Second line', is_active: true }],
  });
export type UpdatePhoneNumberRequest = z.infer<typeof updatePhoneNumberRequest>;

export const providerField = z
  .looseObject({
    name: z.string(),
    label: z.string(),
    type: z.enum(['text', 'password', 'textarea', 'string-array', 'number', 'boolean', 'select', 'readonly']),
    required: z.boolean(),
    sensitive: z.boolean(),
    description: z.string().nullable(),
    placeholder: z.string().nullable(),
    options: z.array(z.object({ value: z.string(), label: z.string() })).nullable(),
    visible_when: z.object({ field: z.string(), equals: z.string() }).nullable(),
    section: z.string().nullable(),
  })
  .meta({ id: 'ProviderField' });
export type ProviderField = z.infer<typeof providerField>;

const providerMetadata = z.looseObject({
  provider: z.string(),
  display_name: z.string(),
  connectivity: z.string(),
  docs_url: z.string().nullable(),
  ...carrierAbilities,
  fields: z.array(providerField),
});
export type ProviderMetadata = z.infer<typeof providerMetadata>;

export const providerMetadataList = z
  .looseObject({ providers: z.array(providerMetadata) })
  .meta({ id: 'ProviderMetadataList' });

/** Counts by carrier; 0 for a carrier that the server does not support. */
export const telephonyConfigurationWarnings = z
  .looseObject({
    telnyx_missing_webhook_public_key_count: z.int().default(0),
    vonage_missing_signature_secret_count: z.int().default(0),
  })
  .meta({ id: 'TelephonyConfigurationWarnings' });

/** The reply of the delete routes. */
export const deletionNotice = z.looseObject({ message: z.string() }).meta({ id: 'DeletionNotice' });
