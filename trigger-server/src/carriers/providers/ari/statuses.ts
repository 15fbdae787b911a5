/** Asterisk's words for a channel, and why a call ended. */
import type { RunStatus } from '@dograh-trigger/shared';

/** https://docs.asterisk.org/Latest_API/API_Documentation/Asterisk_REST_Interface/Asterisk_REST_Data_Models/#channel */
export const channelStates: Record<string, RunStatus> = {
  Down: 'initiated',
  Rsrved: 'initiated',
  OffHook: 'initiated',
  Dialing: 'initiated',
  Ring: 'ringing',
  Ringing: 'ringing',
  Up: 'answered',
};

export interface Hangup {
  /** Q.850, or 0 where the phone gave none. */
  cause: number;
  /** The SIP status behind it, where Asterisk knows one (since 22.3). */
  sipStatus?: number | undefined;
  /** Whether the channel was up. */
  wasAnswered: boolean;
}

export interface Ending {
  status: RunStatus;
  disposition?: string;
}

/** Ordinary ends of an answered call: not given (a SIP BYE says nothing), normal clearing, normal. */
const ordinary = new Set([0, 16, 31]);

/** The trunk would not have us: it is no word of the one who was called. */
const refusedByTrunk = new Set([401, 403, 407]);

const unanswered = new Map<number, Ending>([
  [16, { status: 'canceled' }],
  [17, { status: 'busy' }],
  [18, { status: 'no-answer' }],
  [19, { status: 'no-answer' }],
  // As other carriers report it: the phone rang and its owner pushed the call away.
  [21, { status: 'busy', disposition: 'declined' }],
  [26, { status: 'canceled' }],
]);

/**
 * Out of the Q.850 cause of ChannelDestroyed (include/asterisk/causes.h). A cause that is not listed, such as 1 (no such
 * number), 3, 20, 27, 34, 38, is a failure, also in the middle of a call.
 */
export function endingOf({ cause, sipStatus, wasAnswered }: Hangup): Ending {
  if (wasAnswered) return { status: ordinary.has(cause) ? 'completed' : 'failed' };
  if (cause === 21 && sipStatus !== undefined && refusedByTrunk.has(sipStatus)) return { status: 'failed' };
  return unanswered.get(cause) ?? { status: 'failed' };
}
