/** The call to a contact of a campaign. */
import {
  mostAttempts,
  type CampaignRetry,
  type JsonObject,
  type Retry,
  type RetryCondition,
} from '@dograh-trigger/shared';
import type { CallOrder } from '../order';
import { atOnce, noLabels, type Schedule } from '../waiting/schedule';
import type { CampaignRow } from '../campaign-state/store';

export type Caller = Pick<
  CampaignRow,
  'organization_id' | 'user_id' | 'api_key_id' | 'telephony_configuration_id'
>;

/** A call of a campaign waits for whatever it has to wait for. */
const patient: Schedule = { ...atOnce, whenBusy: 'wait', outsideHours: 'wait' };

/** One attempt where the campaign repeats nothing: the agent's own redial does not apply. */
function redialOf(repeats: CampaignRetry): { retry: Retry } {
  const on: RetryCondition[] = [
    ...(repeats.retry_on_busy ? (['busy'] as const) : []),
    ...(repeats.retry_on_no_answer ? (['no-answer'] as const) : []),
    ...(repeats.retry_on_voicemail ? (['voicemail'] as const) : []),
  ];
  const isOn = repeats.enabled && on.length > 0;
  const after = [`PT${String(repeats.retry_delay_seconds)}S`];
  // Dograh allows ten repeats, which are eleven attempts; a call has ten at most.
  const attempts = Math.min(1 + repeats.max_retries, mostAttempts);
  return { retry: { max_attempts: isOn ? attempts : 1, on: isOn ? on : ['busy'], after } };
}

export function orderOf(
  campaign: Caller,
  agentUuid: string,
  contact: { phoneNumber: string; context: JsonObject },
  repeats: CampaignRetry,
): CallOrder {
  return {
    identity: {
      organizationId: campaign.organization_id,
      userId: campaign.user_id,
      apiKeyId: campaign.api_key_id,
      sessionId: null,
      scope: 'trigger',
      agentIds: null,
      requestId: '',
    },
    source: campaign.api_key_id === null ? 'session' : 'api',
    target: { agentUuid },
    mode: 'production',
    request: {
      phone_number: contact.phoneNumber,
      initial_context: contact.context,
      ...(campaign.telephony_configuration_id === null
        ? {}
        : { telephony_configuration_id: campaign.telephony_configuration_id }),
    },
    idempotent: null,
    speech: { language: null, voice: null },
    voicemail: null,
    callbackUrl: null,
    ignoredFields: [],
    schedule: { ...patient, ...redialOf(repeats) },
    labels: noLabels,
    trace: null,
  };
}
