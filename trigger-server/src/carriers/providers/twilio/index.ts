/** Twilio: https://www.twilio.com/docs/voice */
import { can as dialectCan } from '../../dialects/twiml/instructions';
import type { TelephonyProvider } from '../../port/provider';
import { callbacks } from './callbacks';
import { configuration } from './configuration';
import { speech } from './instructions';
import { callsPerSecond, carrier, questionsPerSecond, requests, voicemail } from './requests';

export const twilio: TelephonyProvider<typeof configuration> = {
  displayName: carrier,
  connectivity: 'api',
  docsUrl: 'https://www.twilio.com/docs/voice',
  configuration,
  needsPhoneNumber: true,
  needsPublicUrl: true,
  can: [...dialectCan, 'relay'],
  speech,
  voicemail,
  callbacks,
  ...requests,
  questionsPerSecond,
  callsPerSecond,
};
