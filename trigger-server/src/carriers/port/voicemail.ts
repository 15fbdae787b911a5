/** What a call does if a machine answers, and what a provider needs to know of it. */
import type { AnsweredBy, VoicemailAction } from '@dograh-trigger/shared';

/** What a provider can do, for calls that announce and for calls that are connected to a media stream. */
export interface VoicemailOffer {
  announce: readonly VoicemailAction[];
  stream: readonly VoicemailAction[];
  /**
   * For a carrier that requests the next instructions after an announcement: how many seconds after the answer the end
   * of a machine's greeting is reported at the latest.
   */
  waitsSeconds?: number;
}

/** An answered call that says what happens if a machine answers. */
export interface VoicemailProgress {
  action: VoicemailAction;
  /** Null: not known yet. */
  answeredBy: AnsweredBy | null;
  /** Whether the announcement was heard to its end. */
  isAnnouncementHeard: boolean;
  /** Whether the instructions of the call are the message for the machine. */
  isMessage: boolean;
  /** Whether the end of a machine's greeting may still be reported, so that the call must not be hung up. */
  isMessagePossible: boolean;
}
