/**
 * The reports on a call in this dialect, with the same words in callbacks and in the REST API:
 * https://www.twilio.com/docs/voice/api/call-resource#call-status-values
 */
import { Problem } from '../../../problem';
import { formFields, seconds } from '../../kit/form';
import { heardOf, transferEndOf } from '../../kit/heard';
import { outcomeOfSip, sipCode } from '../../kit/sip';
import type { CallbackRequest } from '../../port/callback';
import type { FromCallee, TransferEnd } from '../../port/talk';
import { ended, type Recording, type Standing, type StatusReport } from '../../port/report';

const standings = new Map<string, Standing>([
  ['queued', { status: 'initiated' }],
  ['initiated', { status: 'initiated' }],
  ['ringing', { status: 'ringing' }],
  ['in-progress', { status: 'answered' }],
  ['completed', ended('talk_ended')],
  ['busy', ended('busy')],
  ['no-answer', ended('no_answer')],
  ['canceled', ended('canceled')],
  ['failed', ended('failed')],
]);

/** A call from a callback or from the REST API. */
interface ReportedCall {
  word: string;
  callId: string | undefined;
  duration: string | undefined;
  /** `human`, `fax`, `unknown`, or a word that begins with `machine_`; only when detection is on. */
  answeredBy: string | undefined;
  /** The final SIP response, if the vendor sends one. */
  sipResponseCode?: string | undefined;
}

export function toReport(call: ReportedCall): StatusReport {
  const { answeredBy, callId, word } = call;
  const code = sipCode(call.sipResponseCode);
  const durationSeconds = seconds(call.duration);
  const standing = standingOf(word, code);
  return {
    ...standing,
    rawStatus: code === undefined ? word : `${word}:sip_${String(code)}`,
    ...(standing.status === 'ended' ? { carrierReason: word } : {}),
    ...(code === undefined ? {} : { sipCode: code }),
    ...(callId === undefined ? {} : { callId }),
    ...(durationSeconds === undefined ? {} : { durationSeconds }),
    ...(answeredBy === undefined ? {} : { answeredBy: { who: answererOf(answeredBy), raw: answeredBy } }),
  };
}

/** `busy` means a busy phone or a declined call. The SIP response distinguishes the two. */
function standingOf(word: string, code: number | undefined): Standing {
  const standing = standings.get(word) ?? { status: 'unknown' };
  const outcome = outcomeOfSip(code);
  const isOpen = standing.status === 'ended' && standing.outcome !== 'talk_ended';
  return isOpen && outcome !== undefined ? ended(outcome) : standing;
}

/** https://www.twilio.com/docs/voice/answering-machine-detection */
function answererOf(word: string) {
  if (word.startsWith('machine_')) return 'machine';
  return word === 'human' || word === 'fax' ? word : 'unknown';
}

/**
 * The result of a detection beside the call, which has no status of the call:
 * https://www.twilio.com/docs/voice/answering-machine-detection#asyncamdstatuscallback
 */
function readMachine(request: CallbackRequest): StatusReport {
  const { AnsweredBy = '', CallSid } = formFields(request);
  const report = toReport({
    word: 'in-progress',
    callId: CallSid,
    duration: undefined,
    answeredBy: AnsweredBy,
  });
  return {
    ...report,
    rawStatus: `machine_detection:${AnsweredBy}`,
    ...(AnsweredBy.startsWith('machine_end') ? { messageIsDue: true } : {}),
  };
}

/** A form about the progress of a call. @throws Problem bad_request */
export function readStatus(request: CallbackRequest): StatusReport {
  if (request.purpose === 'machine') return readMachine(request);
  const { AnsweredBy, CallDuration, CallSid, CallStatus, SipResponseCode } = formFields(request);
  if (CallStatus === undefined || CallStatus === '') {
    throw new Problem('bad_request', 'The callback has no CallStatus');
  }
  const report = toReport({
    word: CallStatus,
    callId: CallSid,
    duration: CallDuration,
    answeredBy: AnsweredBy,
    sipResponseCode: SipResponseCode,
  });
  if (request.purpose === 'announcement') return { ...report, announcementHeard: true };
  return request.purpose === 'message_heard' ? { ...report, messageHeard: true } : report;
}

/** https://www.twilio.com/docs/voice/api/recording#recordingstatuscallback */
export function readRecording(request: CallbackRequest): Recording | null {
  if (request.purpose !== 'recording') return null;
  const { RecordingStatus, RecordingUrl } = formFields(request);
  return RecordingStatus === 'completed' && RecordingUrl !== undefined ? { url: RecordingUrl } : null;
}

/**
 * What was heard: no or an empty `SpeechResult` is silence. Source:
 * https://www.twilio.com/docs/voice/twiml/gather#speechresult
 */
export function readHeard(request: CallbackRequest): FromCallee {
  const { SpeechResult, Confidence } = formFields(request);
  return heardOf(SpeechResult, Confidence);
}

/**
 * What became of a transfer: https://www.twilio.com/docs/voice/twiml/dial#dialcallstatus. `canceled`: it was hung up before
 * anybody answered.
 */
export function readTransfer(request: CallbackRequest): TransferEnd {
  return transferEndOf(formFields(request).DialCallStatus);
}
