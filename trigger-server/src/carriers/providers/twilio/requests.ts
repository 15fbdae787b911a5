/** Requests to Twilio: https://www.twilio.com/docs/voice/api */
import { voicemailActions } from '@dograh-trigger/shared';
import { callRequests, type CallAccount } from '../../dialects/twiml/calls';
import type { VoicemailOffer } from '../../port/voicemail';
import type { Configuration, configuration } from './configuration';

export const carrier = 'Twilio';

/**
 * Twilio limits the number of concurrent requests, but does not document the limit:
 * https://www.twilio.com/docs/api/errors/20429
 */
export const questionsPerSecond = 5;

/** An account starts one call per second unless more was agreed: https://www.twilio.com/docs/voice/api/call-resource, "Calls per second". */
export const callsPerSecond = 1;

/** Detection ends 30 seconds after the answer: https://www.twilio.com/docs/voice/answering-machine-detection */
export const voicemail: VoicemailOffer = {
  announce: voicemailActions,
  stream: voicemailActions,
  waitsSeconds: 45,
};

export function accountOf({ account_sid, auth_token, amd_enabled }: Configuration): CallAccount {
  return {
    carrier,
    url: `https://api.twilio.com/2010-04-01/Accounts/${account_sid}`,
    credentials: [account_sid, auth_token],
    secretField: 'auth_token',
    detectMachine: amd_enabled,
    recordingDomains: ['twilio.com'],
  };
}

export const requests = callRequests<typeof configuration>(accountOf);
