/** Asterisk's words for the state of a channel and for the end of a call. */
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

/** An unanswered call that has ended. */
export interface Hangup {
  /** Q.850, or 0 if the phone sent none: include/asterisk/causes.h */
  cause: number;
  /** The final SIP response, if Asterisk sends one (since 22.3). */
  sipCode?: number | undefined;
  /** The last `dialstatus` of the call's Dial events; undefined if none had one. */
  dialStatus?: string | undefined;
  /** Whether the phone rang. */
  hasRung: boolean;
  /** Whether the ring timeout of the dial had passed. */
  hasTimedOut: boolean;
  /** Whether the trunk had not replied to the dial in any way. */
  isTrunkSilent: boolean;
}

const unnamedByCause = new Set([0, 16, 31]);

/** Why a call was not answered. For an answered call the cause is ignored: a BYE may have any. */
export function unansweredOutcome(hangup: Hangup): Outcome {
  const { cause, dialStatus, hasRung, hasTimedOut, isTrunkSilent } = hangup;
  if (isTrunkSilent && hasTimedOut && !hasRung) return 'unreachable';
  // 480 means that the phone is off, or that it rang without an answer. Since 22.8, a dial that timed out ends with it.
  if ((hasRung || hasTimedOut) && (cause === 18 || cause === 19)) return 'no_answer';
  const bySip = outcomeOfSip(hangup.sipCode);
  if (bySip !== undefined) return bySip;
  // Before 22.3 only the cause of a 480 is there.
  if (cause === 19) return 'unavailable';
  // Before 22.8 a dial that timed out ended with one of these: asterisk#1660, asterisk#963.
  if (unnamedByCause.has(cause) && (hasTimedOut || dialStatus === 'NOANSWER')) return 'no_answer';
  if (cause === 16) return 'canceled';
  if (cause === 18) return 'unreachable';
  // Before 22.3 only this distinguishes a trunk that refuses the call from a person who declines it.
  if (cause === 21 && (dialStatus === 'CHANUNAVAIL' || dialStatus === 'CONGESTION')) return 'refused';
  return outcomesByCause.get(cause) ?? 'failed';
}
