/** Asterisk's words for a channel, and why a call ended. */
import { outcomesByCause } from '../../kit/hangup-causes';
import { outcomeOfSip } from '../../kit/sip';
import type { Outcome } from '../../port/outcomes';

/** https://docs.asterisk.org/Latest_API/API_Documentation/Asterisk_REST_Interface/Asterisk_REST_Data_Models/#channel */
export const channelStates: Record<string, 'initiated' | 'ringing' | 'answered'> = {
  Down: 'initiated',
  Rsrved: 'initiated',
  OffHook: 'initiated',
  Dialing: 'initiated',
  Ring: 'ringing',
  Ringing: 'ringing',
  Up: 'answered',
};

/** An unanswered call that is over. */
export interface Hangup {
  /** Q.850, or 0 where the phone gave none: include/asterisk/causes.h */
  cause: number;
  /** The final SIP response, where Asterisk knows one (since 22.3). */
  sipCode?: number | undefined;
  /** The last `dialstatus` of the call's Dial events; undefined where none said anything. */
  dialStatus?: string | undefined;
  /** Whether the phone rang. */
  hasRung: boolean;
  /** Whether the ring timeout of the dial had passed. */
  hasTimedOut: boolean;
}

const unnamedByCause = new Set([0, 16, 31]);

/** Why a call was not answered. An answered one ends as such whatever the cause: a BYE may carry any. */
export function unansweredOutcome(hangup: Hangup): Outcome {
  const { cause, dialStatus, hasRung, hasTimedOut } = hangup;
  // 480 says that a phone is off, and also that one rang in vain.
  if (hasRung && (cause === 18 || cause === 19)) return 'no_answer';
  const bySip = outcomeOfSip(hangup.sipCode);
  if (bySip !== undefined) return bySip;
  // Before 22.8 a dial that timed out ended with one of these: asterisk#1660, asterisk#963.
  if (unnamedByCause.has(cause) && (hasTimedOut || dialStatus === 'NOANSWER')) return 'no_answer';
  if (cause === 16) return 'canceled';
  if (cause === 18) return hasTimedOut ? 'no_answer' : 'unreachable';
  // Before 22.3 nothing but this tells a trunk that refuses the call from a person who does.
  if (cause === 21 && (dialStatus === 'CHANUNAVAIL' || dialStatus === 'CONGESTION')) return 'refused';
  return outcomesByCause.get(cause) ?? 'failed';
}
