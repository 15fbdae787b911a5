/** What a call does if a machine answers, and what a provider needs to know of it. */
import type { AnsweredBy, VoicemailAction } from '@dograh-trigger/shared';
import { isOnlyHungUp, type Instruction } from './instructions';
import type { CallbackPurpose } from './purpose';

/** What a provider can do, for calls that announce and for calls that are connected to a media stream. */
export interface VoicemailOffer {
  announce: readonly VoicemailAction[];
  stream: readonly VoicemailAction[];
  /** For calls that converse, where it is not that of `announce`. */
  converse?: readonly VoicemailAction[];
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
  /** Whether the announcement was heard to its end before the report that is being handled. */
  isAnnouncementHeard: boolean;
  /**
   * The message for the machine is to be spoken, is being spoken, or was spoken to its end. Otherwise null: the
   * instructions of the call are the announcement.
   */
  message: 'due' | 'spoken' | 'left' | null;
  /** Whether the message may still become due, so that the call must not be hung up. */
  isMessagePossible: boolean;
}

/**
 * What a call does next, for a carrier that requests its instructions after what was spoken. A message that is due is
 * reached this way even if the redirect to it was lost, and a message that has begun is never begun again.
 * @param purpose of the request.
 */
export function nextStep(
  { instructions, voicemail }: { instructions: readonly Instruction[]; voicemail: VoicemailProgress | null },
  purpose: CallbackPurpose,
): 'message' | 'wait' | 'hang_up' {
  if (voicemail === null || purpose === 'message_heard' || isOnlyHungUp(instructions)) return 'hang_up';
  if (voicemail.message === 'due') {
    // A redirect that was sent during the announcement may still arrive. It must not cut off the message.
    return purpose === 'redirected' || voicemail.isAnnouncementHeard ? 'message' : 'wait';
  }
  return purpose === 'announcement' && voicemail.isMessagePossible ? 'wait' : 'hang_up';
}

/** Whether a call whose message is due must be redirected. After its announcement it asks for the message by itself. */
export function needsRedirect({ voicemail }: { voicemail: VoicemailProgress | null }): boolean {
  return voicemail?.message === 'due' && !voicemail.isAnnouncementHeard;
}
