/**
 * The carriers that hold a conversation by documents: the requests with which each reports what was heard, copied as
 * data from its documentation, and how its documents are read.
 */
import type { ReceivedRequest } from '../../local-server';
import { bearerToken, domain, startCloudonix } from '../cloudonix';
import { plivoCredentials, signPlivo, startPlivo } from '../plivo';
import { accountSid, authToken, startTwilio, twilioCallback } from '../twilio';
import { signVobiz, startVobiz, vobizCredentials } from '../vobiz';
import type { Vendor, VendorCallback } from '../vendor';
import { startVonage, vonageEvent, vonageSettings } from '../vonage';
import { readNcco, readXml, type Heard } from './document';

export interface TalkingCarrier {
  name: string;
  startVendor(): Promise<Vendor>;
  configuration: Record<string, string | boolean>;
  /** The variable with the address of its API. */
  addressVariable: string;
  read(body: string): Heard;
  /** The callback about what was heard; null: nothing was. @param confidence 0 to 1. */
  heard(url: string, text: string | null, confidence?: number): VendorCallback;
  /** The request for the next document, which a document has asked for. */
  goOn(url: string): VendorCallback;
  /** What became of a transfer. */
  transferEnd(url: string, end: 'connected' | 'busy' | 'no answer'): VendorCallback;
  /** For a carrier that gets its first document with the dial. */
  firstDocument?: (dial: ReceivedRequest) => string;
  /** Whether the carrier signs what it reports of a turn. */
  signs: boolean;
}

const usualForm = {
  AccountSid: accountSid,
  ApiVersion: '2010-04-01',
  CallSid: `CA${'1'.padStart(32, '0')}`,
  CallStatus: 'in-progress',
  Direction: 'outbound-api',
  From: '+14155550123',
  To: '+14155550100',
};

const plivoFields = {
  CallUUID: '1c3d8b1e-7a0d-4d8e-9c0e-3a52d6c0b001',
  CallStatus: 'in-progress',
  Direction: 'outbound',
  From: '14155550123',
  To: '14155550100',
  Event: 'Redirect',
};

function form(fields: Record<string, string>): string {
  return new URLSearchParams(fields).toString();
}

function plivo(url: string, fields: Record<string, string>): VendorCallback {
  const all = { ...plivoFields, ...fields };
  return { method: 'POST', url, headers: signPlivo(url, all), body: form(all) };
}

function vobiz(url: string, fields: Record<string, string>): VendorCallback {
  return { method: 'POST', url, headers: signVobiz(url), body: form({ ...plivoFields, ...fields }) };
}

function plivoDial(end: 'connected' | 'busy' | 'no answer'): Record<string, string> {
  return {
    DialStatus: { connected: 'completed', busy: 'busy', 'no answer': 'no-answer' }[end],
    DialRingStatus: 'true',
    DialALegUUID: plivoFields.CallUUID,
    DialBLegUUID: end === 'connected' ? '1c3d8b1e-7a0d-4d8e-9c0e-3a52d6c0b002' : '',
  };
}

function cloudonix(url: string, fields: Record<string, string>): VendorCallback {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return { method: 'POST', url, headers, body: form({ ...fields, Domain: domain }) };
}

const vonageCall = {
  from: '14155550123',
  to: '14155550100',
  uuid: '63f61863-4a51-4f6b-86e1-000000000001',
  conversation_uuid: 'CON-63f61863-4a51-4f6b-86e1-000000000001',
  timestamp: '2026-11-23T12:00:09.000Z',
};

export const talkingCarriers: TalkingCarrier[] = [
  {
    name: 'twilio',
    startVendor: () => startTwilio(),
    configuration: { account_sid: accountSid, auth_token: authToken },
    addressVariable: 'TWILIO_API_BASE_URL',
    read: (body) => readXml(body, 'Say', 'Gather'),
    // https://www.twilio.com/docs/voice/twiml/gather, "Speech recognition parameters"
    heard: (url, text, confidence = 0.92) =>
      twilioCallback(url, {
        ...usualForm,
        ...(text === null ? {} : { SpeechResult: text, Confidence: String(confidence) }),
      }),
    goOn: (url) => twilioCallback(url, usualForm),
    // https://www.twilio.com/docs/voice/twiml/dial, "Request parameters" of the action URL
    transferEnd: (url, end) =>
      twilioCallback(url, {
        ...usualForm,
        ...(end === 'connected'
          ? { DialCallStatus: 'completed', DialCallSid: `CA${'2'.repeat(32)}`, DialCallDuration: '41' }
          : { DialCallStatus: end === 'busy' ? 'busy' : 'no-answer' }),
      }),
    signs: true,
  },
  {
    name: 'vonage',
    startVendor: startVonage,
    configuration: { ...vonageSettings },
    addressVariable: 'VONAGE_API_BASE_URL',
    read: readNcco,
    // https://developer.vonage.com/en/voice/voice-api/webhook-reference, "Input"
    heard: (url, text, confidence = 0.94) =>
      vonageEvent(url, {
        speech:
          text === null
            ? { timeout_reason: 'start_timeout', results: [] }
            : {
                timeout_reason: 'end_on_silence_timeout',
                results: [{ confidence: String(confidence), text }],
              },
        dtmf: { digits: null, timed_out: false },
        ...vonageCall,
      }),
    goOn: (url) => vonageEvent(url, { payload: { spoken: true }, ...vonageCall }),
    // https://developer.vonage.com/en/voice/voice-api/webhook-reference, events of the leg that `connect` calls
    transferEnd: (url, end) =>
      vonageEvent(url, {
        ...vonageCall,
        uuid: '63f61863-4a51-4f6b-86e1-000000000002',
        direction: 'outbound',
        status: { connected: 'answered', busy: 'busy', 'no answer': 'timeout' }[end],
      }),
    signs: true,
  },
  {
    name: 'plivo',
    startVendor: startPlivo,
    configuration: { ...plivoCredentials },
    addressVariable: 'PLIVO_API_BASE_URL',
    read: (body) => readXml(body, 'Speak', 'GetInput'),
    // https://www.plivo.com/docs/voice/xml/getinput, "Parameters sent to the action URL". Silence asks for no action:
    // the next element of the document does.
    heard: (url, text, confidence = 0.91) =>
      plivo(
        url,
        text === null
          ? {}
          : {
              InputType: 'speech',
              Digits: '',
              Speech: text,
              SpeechConfidenceScore: String(confidence),
              BilledAmount: '0.02',
            },
      ),
    goOn: (url) => plivo(url, {}),
    // https://www.plivo.com/docs/voice/xml/dial, "Parameters sent to the action URL"
    transferEnd: (url, end) => plivo(url, plivoDial(end)),
    signs: true,
  },
  {
    name: 'vobiz',
    startVendor: () => startVobiz(),
    configuration: { ...vobizCredentials },
    addressVariable: 'VOBIZ_API_BASE_URL',
    read: (body) => readXml(body, 'Speak', 'Gather'),
    // https://docs.vobiz.ai/xml/gather: on no input, the fields are empty.
    heard: (url, text, confidence = 0.91) =>
      vobiz(url, {
        InputType: 'speech',
        Digits: '',
        Speech: text ?? '',
        ...(text === null ? {} : { SpeechConfidenceScore: String(confidence) }),
      }),
    goOn: (url) => vobiz(url, {}),
    // https://docs.vobiz.ai/xml/dial
    transferEnd: (url, end) => vobiz(url, plivoDial(end)),
    signs: false,
  },
  {
    name: 'cloudonix',
    startVendor: startCloudonix,
    configuration: { bearer_token: bearerToken, domain_id: domain },
    addressVariable: 'CLOUDONIX_API_BASE_URL',
    read: (body) => readXml(body, 'Say', 'Gather'),
    // https://developers.cloudonix.com/Documentation/voiceApplication/Verb/gather
    heard: (url, text, confidence = 0.9) =>
      cloudonix(url, {
        SpeechResult: text ?? '',
        ...(text === null ? {} : { Confidence: String(confidence) }),
      }),
    goOn: (url) => cloudonix(url, {}),
    // https://developers.cloudonix.com/Documentation/voiceApplication/Verb/dial
    transferEnd: (url, end) =>
      cloudonix(url, {
        DialCallStatus: { connected: 'completed', busy: 'busy', 'no answer': 'no-answer' }[end],
      }),
    firstDocument: (dial) => (JSON.parse(dial.body.toString()) as { cxml: string }).cxml,
    signs: false,
  },
];
