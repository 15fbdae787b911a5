/**
 * Twilio's words for how a call stands, the same in callbacks and in the REST API:
 * https://www.twilio.com/docs/voice/api/call-resource#call-status-values
 */
import type { RunStatus } from '@dograh-trigger/shared';
import { seconds } from '../../kit/form';
import type { StatusReport } from '../../port/report';

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

/** A call as Twilio tells about it, by whatever way. */
export interface TwilioCall {
  word: string;
  callId: string | undefined;
  duration: string | undefined;
  /** `human`, `fax`, `unknown`, or a word that begins with `machine_`; only where detection is on. */
  answeredBy: string | undefined;
  /** Why a call failed, by the final SIP response. */
  sipResponseCode?: string | undefined;
}

export function toReport(call: TwilioCall): StatusReport {
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
