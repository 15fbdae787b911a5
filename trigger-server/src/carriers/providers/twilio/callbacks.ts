/**
 * Twilio's callbacks during a call: a form about its progress, and a form that requests TwiML after the answer.
 * https://www.twilio.com/docs/voice/api/call-resource#statuscallback and https://www.twilio.com/docs/voice/twiml
 */
import { afterAnnouncement, twiml } from '../../dialects/twiml/instructions';
import { readRecording, readStatus } from '../../dialects/twiml/reports';
import { isSigned } from '../../dialects/twiml/signature';
import type { Callbacks } from '../../port/callback';
import type { Configuration } from './configuration';
import { speaker } from './instructions';

/** Name and value of a `<Parameter>` together: https://www.twilio.com/docs/voice/twiml/stream#custom-parameters */
const parameterCharacters = 500;

export const callbacks: Callbacks<Configuration> = {
  verify: ({ auth_token }, request) => isSigned('X-Twilio-Signature', auth_token, request),
  readStatus,
  readRecording,
  answer: (call) => ({
    contentType: 'text/xml',
    body: twiml(call.instructions, {
      speaker,
      parameterCharacters,
      announcementUrl: call.callbackUrl('announcement'),
    }),
  }),
  afterAnnouncement,
};
