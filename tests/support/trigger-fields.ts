/** Every field of a trigger request: a value, and how the client and the forms of n8n and Zapier set it. */
import type { CallRequest, triggerRequest } from '@dograh-trigger/shared';
import type { INodeParameters } from 'n8n-workflow';

export type TriggerField = keyof typeof triggerRequest.shape;

interface FieldInput {
  client: Partial<CallRequest>;
  /** Parameters of the n8n node; null when it has no field for this. */
  n8n: INodeParameters | null;
  /** Input of Zapier's Start Call; null when it has no field for this. */
  zapier: Record<string, unknown> | null;
}

export const triggerFields: Record<TriggerField, FieldInput> = {
  phone_number: {
    client: { phoneNumber: '+14155550101' },
    n8n: { phoneNumber: '+14155550101' },
    zapier: { phone_number: '+14155550101' },
  },
  initial_context: {
    client: { initialContext: { name: 'Jane' } },
    n8n: { specifyVariables: 'json', jsonVariables: '{"name": "Jane"}' },
    zapier: { initial_context: { name: 'Jane' } },
  },
  telephony_configuration_id: {
    client: { telephonyConfigurationId: 4 },
    n8n: { options: { telephonyConfiguration: { __rl: true, mode: 'id', value: '4' } } },
    zapier: { telephony_configuration_id: 4 },
  },
  from_phone_number_id: {
    client: { fromPhoneNumberId: 4 },
    n8n: { options: { callerId: { __rl: true, mode: 'id', value: '4' } } },
    zapier: { from_phone_number_id: 4 },
  },
  strict_variables: { client: { strictVariables: true }, n8n: null, zapier: null },
  language: {
    client: { language: 'es-MX' },
    n8n: { options: { language: 'es-MX' } },
    zapier: { language: 'es-MX' },
  },
  voice: {
    client: { voice: 'Polly.Mia' },
    n8n: { options: { voice: 'Polly.Mia' } },
    zapier: { voice: 'Polly.Mia' },
  },
  voicemail: {
    client: { voicemail: { action: 'leave_message', message: 'Call us back.' } },
    n8n: { options: { voicemail: 'leave_message', voicemailMessage: 'Call us back.' } },
    zapier: { voicemail: 'leave_message', voicemail_message: 'Call us back.' },
  },
  not_before: {
    client: { notBefore: '2026-12-24T09:00:00.000Z' },
    n8n: { options: { schedule: { when: { notBefore: '2026-12-24T10:00:00' } } } },
    zapier: { not_before: '2026-12-24T09:00:00.000Z' },
  },
  not_after: {
    client: { notAfter: '2026-12-24T18:00:00.000Z' },
    n8n: { options: { schedule: { when: { notAfter: '2026-12-24T18:00:00Z' } } } },
    zapier: { not_after: '2026-12-24T18:00:00.000Z' },
  },
  when_busy: {
    client: { whenBusy: 'wait' },
    n8n: { options: { schedule: { when: { whenBusy: 'wait' } } } },
    zapier: { when_busy: 'wait' },
  },
  outside_hours: {
    client: { outsideHours: 'wait' },
    n8n: { options: { schedule: { when: { outsideHours: 'wait' } } } },
    zapier: { outside_hours: 'wait' },
  },
  time_zone: {
    client: { timeZone: 'Europe/Berlin' },
    n8n: { options: { schedule: { when: { timeZone: 'Europe/Berlin' } } } },
    zapier: { time_zone: 'Europe/Berlin' },
  },
  retry: {
    client: { retry: { max_attempts: 3, on: ['busy', 'voicemail'], after: ['PT15M', 'PT120M'] } },
    n8n: { options: { redial: { again: { attempts: 3, on: ['voicemail', 'busy'], pauses: '15, 120' } } } },
    zapier: { redial_attempts: 3, redial_after: ['voicemail', 'busy'], redial_pauses: '15, 120' },
  },
  pin_version: { client: { pinVersion: true }, n8n: null, zapier: null },
  reference: {
    client: { reference: 'order-7823' },
    n8n: { options: { reference: 'order-7823' } },
    zapier: { reference: 'order-7823' },
  },
  metadata: { client: { metadata: { order: '7823' } }, n8n: null, zapier: null },
  callback_url: { client: { callbackUrl: 'https://example.com/ended' }, n8n: null, zapier: null },
};
