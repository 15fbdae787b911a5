/**
 * How a call can end, and the words of a run for it. Providers translate their carrier's words into an outcome and
 * choose no word themselves, so one ending has the same words with every carrier.
 */
import type { RunReason, RunStatus } from '@dograh-trigger/shared';

/**
 * The words of a run that has ended. Dispositions are Dograh's words. For a call that never connected, the disposition
 * is the status.
 */
interface Ending {
  status: RunStatus;
  disposition: string;
  /** Null for the ordinary end of a conversation: status and disposition are enough. */
  reason: RunReason | null;
  meaning: string;
}

export const outcomes = {
  callee_hung_up: {
    status: 'completed',
    disposition: 'user_hangup',
    reason: null,
    meaning: 'the person called hung up',
  },
  agent_hung_up: {
    status: 'completed',
    disposition: 'end_call_tool',
    reason: null,
    meaning: 'the agent had said everything and hung up',
  },
  limit_reached: {
    status: 'completed',
    disposition: 'call_duration_exceeded',
    reason: null,
    meaning: 'the call lasted as long as it may',
  },
  talk_ended: {
    status: 'completed',
    disposition: 'user_hangup',
    reason: null,
    meaning: 'an answered call ended, and the carrier does not say who hung up',
  },
  voicemail: {
    status: 'completed',
    disposition: 'voicemail_detected',
    reason: 'voicemail',
    meaning: 'a machine answered',
  },
  fax: {
    status: 'completed',
    disposition: 'voicemail_detected',
    reason: 'fax',
    meaning: 'a fax answered',
  },
  canceled_in_talk: {
    status: 'completed',
    disposition: 'canceled',
    reason: 'canceled',
    meaning: 'an answered call was cancelled through this server',
  },
  hung_up_elsewhere: {
    status: 'completed',
    disposition: 'system_cancelled',
    reason: 'canceled',
    meaning: 'somebody ended an answered call through the carrier’s API or console',
  },
  agent_unreachable: {
    status: 'completed',
    disposition: 'system_connect_error',
    reason: 'agent_unreachable',
    meaning: 'the carrier asked this server what to do with an answered call, and could not use the answer',
  },
  announcement_failed: {
    status: 'failed',
    disposition: 'pipeline_error',
    reason: 'announcement_failed',
    meaning: 'the announcement could not be spoken or played',
  },
  broken_off: {
    status: 'completed',
    disposition: 'unexpected_error',
    reason: 'broken_off',
    meaning: 'an error ended an answered call',
  },
  unexplained: {
    status: 'completed',
    disposition: 'unknown',
    reason: 'unknown',
    meaning:
      'the call is over, and nothing says how an answered call came to its end, or that it was answered',
  },
  record_gone: {
    status: 'error',
    disposition: 'error',
    reason: 'no_report',
    meaning: 'the server that held the call has no record of it any more, so nothing says how it ended',
  },
  unknown_there: {
    status: 'error',
    disposition: 'error',
    reason: 'no_report',
    meaning: 'the server that held the call does not know itself how it ended, or whether a phone rang',
  },
  busy: { status: 'busy', disposition: 'busy', reason: 'busy', meaning: 'the line was busy' },
  declined: {
    status: 'busy',
    disposition: 'busy',
    reason: 'declined',
    meaning: 'the person called, or their phone, declined the call',
  },
  no_answer: {
    status: 'no-answer',
    disposition: 'no-answer',
    reason: 'no_answer',
    meaning: 'nobody answered in time',
  },
  unavailable: {
    status: 'no-answer',
    disposition: 'no-answer',
    reason: 'unavailable',
    meaning: 'the phone is switched off or out of coverage',
  },
  unreachable: {
    status: 'failed',
    disposition: 'failed',
    reason: 'unreachable',
    meaning: 'the network found no way to the phone, which did not ring',
  },
  invalid_number: {
    status: 'failed',
    disposition: 'failed',
    reason: 'invalid_number',
    meaning: 'nobody has this number',
  },
  refused: {
    status: 'failed',
    disposition: 'failed',
    reason: 'refused_by_carrier',
    meaning: 'the carrier refused: balance, permission, caller ID or a block',
  },
  overloaded: {
    status: 'failed',
    disposition: 'failed',
    reason: 'carrier_overloaded',
    meaning: 'the carrier, or a network behind it, had no capacity',
  },
  canceled: {
    status: 'canceled',
    disposition: 'canceled',
    reason: 'canceled',
    meaning: 'the call was cancelled before it was answered',
  },
  failed: {
    status: 'failed',
    disposition: 'failed',
    reason: 'unknown',
    meaning: 'the call did not connect, and the carrier does not say why',
  },
} as const satisfies Record<string, Ending>;

export type Outcome = keyof typeof outcomes;
