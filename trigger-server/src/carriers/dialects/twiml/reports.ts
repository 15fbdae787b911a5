/**
 * What such a vendor reports of a call, in the same words in callbacks and in its REST API:
 * https://www.twilio.com/docs/voice/api/call-resource#call-status-values
 */
import { Problem } from '../../../problem';
import { formFields, seconds } from '../../kit/form';
import { outcomeOfSip, sipCode } from '../../kit/sip';
import type { CallbackRequest } from '../../port/callback';
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

/** A call as the vendor tells about it, by whatever way. */
interface ReportedCall {
  word: string;
  callId: string | undefined;
  duration: string | undefined;
  /** `human`, `fax`, `unknown`, or a word that begins with `machine_`; only where detection is on. */
  answeredBy: string | undefined;
  /** The final SIP response, where the vendor knows one. */
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

/** There is one word for a line that is busy and for a call that is declined: the SIP response tells them apart. */
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

/** A form about the progress of a call. @throws Problem bad_request */
export function readStatus(request: CallbackRequest): StatusReport {
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
  return request.purpose === 'announcement' ? { ...report, announcementHeard: true } : report;
}

/** https://www.twilio.com/docs/voice/api/recording#recordingstatuscallback */
export function readRecording(request: CallbackRequest): Recording | null {
  if (request.purpose !== 'recording') return null;
  const { RecordingStatus, RecordingUrl } = formFields(request);
  return RecordingStatus === 'completed' && RecordingUrl !== undefined ? { url: RecordingUrl } : null;
}
