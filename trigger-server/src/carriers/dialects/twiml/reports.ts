/**
 * What such a vendor reports of a call, in the same words in callbacks and in its REST API:
 * https://www.twilio.com/docs/voice/api/call-resource#call-status-values
 */
import type { RunStatus } from '@dograh-trigger/shared';
import { Problem } from '../../../problem';
import { formFields, seconds } from '../../kit/form';
import type { CallbackRequest } from '../../port/callback';
import type { Recording, StatusReport } from '../../port/report';

const statuses = new Map<string, RunStatus>([
  ['queued', 'initiated'],
  ['initiated', 'initiated'],
  ['ringing', 'ringing'],
  ['in-progress', 'answered'],
  ['completed', 'completed'],
  ['busy', 'busy'],
  ['no-answer', 'no-answer'],
  ['canceled', 'canceled'],
  ['failed', 'failed'],
]);

/** A call as the vendor tells about it, by whatever way. */
interface ReportedCall {
  word: string;
  callId: string | undefined;
  duration: string | undefined;
  /** `human`, `fax`, `unknown`, or a word that begins with `machine_`; only where detection is on. */
  answeredBy: string | undefined;
  /** Why a call failed, by the final SIP response. */
  sipResponseCode?: string | undefined;
}

export function toReport(call: ReportedCall): StatusReport {
  const { answeredBy, callId, sipResponseCode, word } = call;
  const status = statuses.get(word) ?? 'unknown';
  const durationSeconds = seconds(call.duration);
  const isMachine = answeredBy?.startsWith('machine_') === true;
  const cause = status === 'failed' && sipResponseCode !== undefined ? `:sip_${sipResponseCode}` : '';
  return {
    status,
    rawStatus: `${word}${cause}`,
    ...(callId === undefined ? {} : { callId }),
    ...(durationSeconds === undefined ? {} : { durationSeconds }),
    ...(answeredBy === undefined ? {} : { gathered: { answered_by: answeredBy } }),
    ...(isMachine && status === 'completed' ? { disposition: 'voicemail_detected' } : {}),
  };
}

/** A form about the progress of a call. @throws Problem bad_request */
export function readStatus(request: CallbackRequest): StatusReport {
  const { AnsweredBy, CallDuration, CallSid, CallStatus, SipResponseCode } = formFields(request);
  if (CallStatus === undefined || CallStatus === '') {
    throw new Problem('bad_request', 'The callback has no CallStatus');
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
export function readRecording(request: CallbackRequest): Recording | null {
  if (request.purpose !== 'recording') return null;
  const { RecordingStatus, RecordingUrl } = formFields(request);
  return RecordingStatus === 'completed' && RecordingUrl !== undefined ? { url: RecordingUrl } : null;
}
