/**
 * What Twilio sends while a call is under way: a form about its progress, and one that asks for TwiML once it is
 * answered. https://www.twilio.com/docs/voice/api/call-resource#statuscallback and https://www.twilio.com/docs/voice/twiml
 */
import { Problem } from '../../../problem';
import { formFields } from '../../kit/form';
import { twiml } from '../../dialects/twiml/instructions';
import type { CallbackRequest, Callbacks } from '../../port/callback';
import type { Recording, StatusReport } from '../../port/report';
import type { Configuration } from './configuration';
import { isSignedByTwilio } from './signature';
import { toReport } from './statuses';

/** Name and value of a `<Parameter>` together: https://www.twilio.com/docs/voice/twiml/stream#custom-parameters */
const parameterCharacters = 500;

export const callbacks: Callbacks<Configuration> = {
  verify: (configuration, request) => isSignedByTwilio(configuration.auth_token, request),
  readStatus,
  readRecording,
  answer: ({ instructions }) => ({ contentType: 'text/xml', body: twiml(instructions, parameterCharacters) }),
};

function readStatus(request: CallbackRequest): StatusReport {
  const { AnsweredBy, CallDuration, CallSid, CallStatus, SipResponseCode } = formFields(request);
  if (CallStatus === undefined || CallStatus === '') {
    throw new Problem('bad_request', 'A callback of Twilio must say CallStatus');
  }
  return toReport({
    word: CallStatus,
    callId: CallSid,
    duration: CallDuration,
    answeredBy: AnsweredBy,
    sipResponseCode: SipResponseCode,
  });
}

/** https://www.twilio.com/docs/voice/api/recording#recordingstatuscallback */
function readRecording(request: CallbackRequest): Recording | null {
  if (request.purpose !== 'recording') return null;
  const { RecordingStatus, RecordingUrl } = formFields(request);
  return RecordingStatus === 'completed' && RecordingUrl !== undefined ? { url: RecordingUrl } : null;
}
