/**
 * Telnyx's words for a call.
 * Source: https://developers.telnyx.com/docs/voice/programmable-voice/receiving-webhooks
 */
import type { RunStatus } from '@dograh-trigger/shared';
import { textAt } from '../../kit/dial';
import { seconds } from '../../kit/form';
import type { StatusReport } from '../../port/report';
import { announcedPart } from './instructions';

const progress = new Map<string, RunStatus>([
  ['call.initiated', 'initiated'],
  ['call.answered', 'answered'],
  ['call.bridged', 'answered'],
  ['call.speak.started', 'answered'],
  ['call.speak.ended', 'answered'],
  ['call.machine.detection.ended', 'answered'],
  ['call.machine.premium.detection.ended', 'answered'],
]);

/** Media that came and went as it should. */
const aboutMedia = new Set(['streaming.started', 'streaming.stopped', 'call.recording.saved']);

/** Why a call ended, where that alone tells how. */
const causes = new Map<string, RunStatus>([
  ['busy', 'busy'],
  ['user_busy', 'busy'],
  ['no_answer', 'no-answer'],
  ['timeout', 'no-answer'],
  ['originator_cancel', 'canceled'],
  ['not_found', 'failed'],
  ['unallocated_number', 'failed'],
  ['time_limit', 'completed'],
]);

/** Who ended an answered call; we are the caller. */
const dispositions = new Map([
  ['callee', 'user_hangup'],
  ['caller', 'end_call_tool'],
]);

const longestWord = 100;

/** @param body of a webhook. Null for one that says nothing about the call. */
export function statusReport(body: unknown): StatusReport | null {
  const event = textAt(body, 'data', 'event_type') ?? 'none';
  if (aboutMedia.has(event)) return null;
  const callId = textAt(body, 'data', 'payload', 'call_control_id');
  const report = event === 'call.hangup' ? hangup(body) : underWay(event, body);
  return {
    ...report,
    rawStatus: report.rawStatus.slice(0, longestWord),
    ...(callId === undefined ? {} : { callId }),
  };
}

function underWay(event: string, body: unknown): StatusReport {
  const payload = (name: string) => textAt(body, 'data', 'payload', name);
  const result = /^call\.machine\.(premium\.)?detection\.ended$/.test(event) ? payload('result') : undefined;
  const isGreeting = event === 'call.speak.started' && announcedPart(payload('client_state')) === 0;
  return {
    status: progress.get(event) ?? 'unknown',
    rawStatus: event,
    ...(result === undefined ? {} : { gathered: { answered_by: result } }),
    ...(isGreeting ? { greetingSpoken: true } : {}),
  };
}

function hangup(body: unknown): StatusReport {
  const payload = (name: string) => textAt(body, 'data', 'payload', name);
  const cause = payload('hangup_cause') ?? 'unspecified';
  const sip = payload('sip_hangup_cause');
  const status = causes.get(cause) ?? endingOf(cause, sip);
  const durationSeconds = seconds(payload('duration_secs'));
  const disposition =
    cause === 'time_limit' ? 'call_duration_exceeded' : dispositions.get(payload('hangup_source') ?? '');
  return {
    status,
    rawStatus: `hangup:${cause}${sip === undefined ? '' : ` sip:${sip}`}`,
    ...(durationSeconds === undefined ? {} : { durationSeconds }),
    ...(status === 'completed' && disposition !== undefined ? { disposition } : {}),
  };
}

/**
 * A cause that leaves it open is settled by the final SIP response to the invitation. A call is completed only where
 * Telnyx says that it was cleared normally, or that it had been accepted.
 */
function endingOf(cause: string, sip: string | undefined): RunStatus {
  const code = /^[2-6]\d\d$/.test(sip ?? '') ? Number(sip) : null;
  if (code === null) return cause === 'normal_clearing' ? 'completed' : 'failed';
  if (code < 300) return 'completed';
  if ([486, 600, 603].includes(code)) return 'busy';
  if ([408, 480].includes(code)) return 'no-answer';
  return code === 487 ? 'canceled' : 'failed';
}
