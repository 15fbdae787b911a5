/**
 * Telnyx's words for a call.
 * Source: https://developers.telnyx.com/docs/voice/programmable-voice/receiving-webhooks
 */
import { textAt } from '../../kit/dial';
import { outcomeOfSip, sipCode } from '../../kit/sip';
import type { Outcome } from '../../port/outcomes';
import { ended, type ReportDetails, type StatusReport } from '../../port/report';
import { spokenPart } from './instructions';

const progress = new Map<string, 'initiated' | 'answered'>([
  ['call.initiated', 'initiated'],
  ['call.answered', 'answered'],
  ['call.bridged', 'answered'],
  ['call.speak.started', 'answered'],
  ['call.speak.ended', 'answered'],
  ['call.machine.detection.ended', 'answered'],
  ['call.machine.premium.detection.ended', 'answered'],
  ['call.machine.greeting.ended', 'answered'],
  ['call.machine.premium.greeting.ended', 'answered'],
]);

/** Whether this event comes only from an answered call. */
export function isOfAnsweredCall(event: string): boolean {
  return progress.get(event) === 'answered';
}

/** Events of media without a fault. */
const aboutMedia = new Set([
  'streaming.started',
  'streaming.stopped',
  'call.recording.saved',
  'call.conversation.ended',
]);

/** Why a call ended, unless the SIP response is more exact. */
const causes = new Map<string, Outcome>([
  ['busy', 'busy'],
  ['user_busy', 'busy'],
  ['call_rejected', 'declined'],
  ['no_answer', 'no_answer'],
  ['timeout', 'no_answer'],
  ['originator_cancel', 'canceled'],
  ['not_found', 'invalid_number'],
  ['unallocated_number', 'invalid_number'],
  ['time_limit', 'limit_reached'],
]);

/** Who ended an answered call; we are the caller. */
const sources = new Map<string, Outcome>([
  ['callee', 'callee_hung_up'],
  ['caller', 'agent_hung_up'],
]);

/** Results of machine detection, standard and premium; any other is `unknown`. */
const answerers = new Map<string, 'human' | 'machine' | 'fax'>([
  ['human', 'human'],
  ['human_residence', 'human'],
  ['human_business', 'human'],
  ['machine', 'machine'],
  ['fax_detected', 'fax'],
]);

const longestWord = 100;

/**
 * @param body of a webhook.
 * @param receivedAt when it came, by our clock.
 * @returns null for a webhook without a report on the call.
 */
export function statusReport(body: unknown, receivedAt: Date): StatusReport | null {
  const event = textAt(body, 'data', 'event_type') ?? 'none';
  if (aboutMedia.has(event)) return null;
  const callId = textAt(body, 'data', 'payload', 'call_control_id');
  const report = event === 'call.hangup' ? hangup(body) : underWay(event, body);
  return {
    ...report,
    rawStatus: report.rawStatus.slice(0, longestWord),
    ...(callId === undefined ? {} : { callId }),
    ...lateness(textAt(body, 'data', 'occurred_at'), receivedAt),
  };
}

/** A hangup has no duration, so it is calculated from the times of answer and hangup. */
function lateness(occurredAt: string | undefined, receivedAt: Date): Pick<StatusReport, 'lateSeconds'> {
  const lateSeconds = (receivedAt.getTime() - Date.parse(occurredAt ?? '')) / 1000;
  return Number.isNaN(lateSeconds) ? {} : { lateSeconds };
}

function underWay(event: string, body: unknown): StatusReport {
  const payload = (name: string) => textAt(body, 'data', 'payload', name);
  const result = /^call\.machine\.(premium\.)?detection\.ended$/.test(event) ? payload('result') : undefined;
  return {
    status: progress.get(event) ?? 'unknown',
    rawStatus: event,
    ...(result === undefined
      ? {}
      : { answeredBy: { who: answerers.get(result) ?? 'unknown', raw: result.slice(0, longestWord) } }),
    ...greetingEnd(event, payload('result')),
    ...speechReport(event, payload('client_state'), payload('status')),
  };
}

/**
 * The message is due after `ended`, if a machine answered, and after a beep, which only machines make: premium detection
 * may report that alone. Standard detection also reports a greeting whose end it did not find, premium detection one
 * without a beep. Source: https://developers.telnyx.com/docs/voice/programmable-voice/answering-machine-detection
 */
function greetingEnd(
  event: string,
  result: string | undefined,
): Pick<ReportDetails, 'messageIsDue' | 'answeredBy'> {
  if (!/^call\.machine\.(premium\.)?greeting\.ended$/.test(event)) return {};
  if (result === 'ended') return { messageIsDue: true };
  return result === 'beep_detected'
    ? { messageIsDue: true, answeredBy: { who: 'machine', raw: result } }
    : {};
}

/** What was begun to be spoken, or was spoken to its end. */
function speechReport(
  event: string,
  state: string | undefined,
  status: string | undefined,
): Partial<ReportDetails> {
  const spoken = spokenPart(state);
  if (spoken === null) return {};
  const isMessage = spoken.text === 'message';
  if (event === 'call.speak.started' && spoken.part === 0) {
    return isMessage ? { messageSpoken: true } : { greetingBegun: true };
  }
  const isWhole = event === 'call.speak.ended' && spoken.isLast && (status ?? 'completed') === 'completed';
  if (!isWhole) return {};
  return isMessage ? { messageHeard: true } : { announcementHeard: true };
}

function hangup(body: unknown): StatusReport {
  const payload = (name: string) => textAt(body, 'data', 'payload', name);
  const cause = payload('hangup_cause') ?? 'unspecified';
  const sip = payload('sip_hangup_cause');
  const code = sipCode(sip);
  return {
    ...ended(outcomeOf(cause, sip, payload('hangup_source'))),
    rawStatus: `hangup:${cause}${sip === undefined ? '' : ` sip:${sip}`}`,
    carrierReason: cause.slice(0, longestWord),
    ...(sip === '200' ? { wasAnswered: true } : {}),
    ...(code === undefined ? {} : { sipCode: code }),
  };
}

/** A call was answered only if Telnyx reports that it was cleared normally, or that the invitation was accepted. */
function outcomeOf(cause: string, sip: string | undefined, source: string | undefined): Outcome {
  const code = sipCode(sip);
  const known = outcomeOfSip(code) ?? causes.get(cause);
  if (known !== undefined) return known;
  const isAccepted = sip === '200' || (code === undefined && cause === 'normal_clearing');
  if (isAccepted) return sources.get(source ?? '') ?? 'talk_ended';
  if (code === 408) return 'no_answer';
  return code === 487 ? 'canceled' : 'failed';
}
