/**
 * What Twilio sends while a call is under way: a form about its progress, and one that asks for TwiML once it is
 * answered. https://www.twilio.com/docs/voice/api/call-resource#statuscallback and https://www.twilio.com/docs/voice/twiml
 */
import { Problem } from '../../../problem';
import { formFields } from '../../kit/form';
import { element, xmlDocument, type XmlElement } from '../../kit/xml';
import type { Answer } from '../../port/call';
import type { AnswerDocument, CallbackRequest, Callbacks } from '../../port/callback';
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
  answer: (call) => twiml(call.answer),
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

function twiml(answer: Answer): AnswerDocument {
  return {
    contentType: 'text/xml',
    body: xmlDocument(element('Response', {}, ...verbs(answer))),
  };
}

/**
 * A parameter that is too long for Twilio is left out: one of them would lose the whole call. The URL of a stream
 * cannot have a query at Twilio.
 */
function verbs(answer: Answer): XmlElement[] {
  switch (answer.mode) {
    case 'announce':
      return answer.text.trim() === ''
        ? [element('Hangup')]
        : [element('Say', {}, answer.text), element('Hangup')];
    case 'stream': {
      const parameters = Object.entries(answer.parameters)
        .filter(([name, value]) => name.length + value.length < parameterCharacters)
        .map(([name, value]) => element('Parameter', { name, value }));
      return [element('Connect', {}, element('Stream', { url: answer.url }, ...parameters))];
    }
    case 'hangup':
      return [element('Hangup')];
  }
}
