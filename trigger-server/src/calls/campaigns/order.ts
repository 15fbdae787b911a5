/** The call to a contact of a campaign. */
import type { JsonObject } from '@dograh-trigger/shared';
import type { CallOrder } from '../order';
import { atOnce, noLabels, type Schedule } from '../waiting/schedule';
import type { CampaignRow } from '../campaign-state/store';

export type Caller = Pick<
  CampaignRow,
  'organization_id' | 'user_id' | 'api_key_id' | 'telephony_configuration_id'
>;

/** A call of a campaign waits for whatever it has to wait for. */
const patient: Schedule = { ...atOnce, whenBusy: 'wait', outsideHours: 'wait' };

export function orderOf(
  campaign: Caller,
  agentUuid: string,
  contact: { phoneNumber: string; context: JsonObject },
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
    schedule: patient,
    labels: noLabels,
    trace: null,
  };
}
