/**
 * Twilio's callbacks during a call: a form about its progress, and a form that requests TwiML after the answer.
 * https://www.twilio.com/docs/voice/api/call-resource#statuscallback and https://www.twilio.com/docs/voice/twiml
 */
import { ended, readFrame, writeFrames } from '../../dialects/conversation-relay/frames';
import { redirect } from '../../dialects/twiml/calls';
import { afterSpeech, nextOf, twiml } from '../../dialects/twiml/instructions';
import { readHeard, readRecording, readStatus, readTransfer } from '../../dialects/twiml/reports';
import { isSigned } from '../../dialects/twiml/signature';
import { formFields } from '../../kit/form';
import type { Callbacks } from '../../port/callback';
import { needsRedirect } from '../../port/voicemail';
import type { Configuration } from './configuration';
import { relayVerb, speaker } from './instructions';
import { accountOf } from './requests';

/** Name and value of a `<Parameter>` together: https://www.twilio.com/docs/voice/twiml/stream#custom-parameters */
const parameterCharacters = 500;

export const callbacks: Callbacks<Configuration> = {
  verify: ({ auth_token }, request) => isSigned('X-Twilio-Signature', auth_token, request),
  readStatus,
  readRecording,
  readHeard,
  relay: {
    isChosen: ({ conversation_relay }) => conversation_relay,
    read: readFrame,
    ...writeFrames,
    wasEnded: (report) => formFields(report).HandoffData === ended,
  },
  readTransfer,
  answer: (call, { purpose }) => ({
    contentType: 'text/xml',
    body: twiml(call.instructions, {
      speaker,
      parameterCharacters,
      announcementUrl: nextOf(call, purpose),
      relay: relayVerb,
      gather: { speechTimeout: 'auto', speechModel: 'phone_call' },
    }),
  }),
  afterSpeech,

  /** A machine's greeting has ended: the call goes on with the message. */
  async act(configuration, request, loadCall, tools, isMessageDue) {
    const { CallSid: callId } = isMessageDue ? formFields(request) : {};
    if (callId === undefined) return;
    const call = await loadCall();
    if (!needsRedirect(call)) return;
    const target = { callId, runId: call.runId };
    await redirect(accountOf(configuration), target, call.callbackUrl('redirected'), tools);
  },
};
