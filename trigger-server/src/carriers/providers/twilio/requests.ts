/** Requests to Twilio: https://www.twilio.com/docs/voice/api */
import { callRequests } from '../../dialects/twiml/calls';
import type { configuration } from './configuration';

export const carrier = 'Twilio';

/**
 * Twilio limits the number of concurrent requests, but does not document the limit:
 * https://www.twilio.com/docs/api/errors/20429
 */
export const questionsPerSecond = 5;

export const requests = callRequests<typeof configuration>(({ account_sid, auth_token, amd_enabled }) => ({
  carrier,
  url: `https://api.twilio.com/2010-04-01/Accounts/${account_sid}`,
  credentials: [account_sid, auth_token],
  secretField: 'auth_token',
  detectMachine: amd_enabled,
  recordingDomains: ['twilio.com'],
}));
