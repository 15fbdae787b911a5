/** What a carrier reports, in our words and in its own. */
import type { AnsweredBy, JsonObject } from '@dograh-trigger/shared';
import type { Outcome } from './outcomes';

/** The state of a call. `unknown` stands for a word that we do not know: it is logged with the run and changes nothing. */
export type Standing =
  { status: 'initiated' | 'ringing' | 'answered' | 'unknown' } | { status: 'ended'; outcome: Outcome };

/** A carrier's report on a call, in our words and in its own. */
export type StatusReport = Standing & ReportDetails;

export interface ReportDetails {
  /** The carrier's own word. */
  rawStatus: string;
  callId?: string;
  durationSeconds?: number;
  /** In the answer about a call that has not ended: how long it has lasted, by the carrier's clock. */
  runningSeconds?: number;
  /**
   * How long ago it happened, if that is known. Where the carrier says so, it compares the carrier's clock with ours, so
   * only differences are meaningful.
   */
  lateSeconds?: number;
  /** For a call that has ended: the carrier says that it was answered. */
  wasAnswered?: true;
  /** The carrier's own reason for the end, e.g. `user_busy`. */
  carrierReason?: string;
  /** The final SIP response, 300 to 699. */
  sipCode?: number;
  answeredBy?: {
    who: AnsweredBy;
    /** The carrier's own word. */
    raw: string;
  };
  /** Set when the carrier has just spoken the agent's greeting, which is then logged with the run. */
  greetingSpoken?: true;
  /**
   * Set when the carrier begins to speak the agent's greeting, which is then logged with the run. How much of it was
   * heard is decided when the call is over.
   */
  greetingBegun?: true;
  /** With `greetingSpoken`: the part of the greeting that was heard, 0 to 1. Absent: all of it. */
  heardShare?: number;
  /** The announcement was heard to its end, so the agent ends the call. */
  announcementHeard?: true;
  /**
   * A machine answered, and the message may be left: its greeting has ended, or the carrier itself waits for that. Has
   * no effect on a call that leaves no message.
   */
  messageIsDue?: true;
  /** The carrier begins to speak the message, which is then logged with the run, as for `greetingBegun`. */
  messageSpoken?: true;
  /** The message was spoken to its end. */
  messageHeard?: true;
  /** What went wrong, for the run's `gathered_context`. */
  error?: string;
  /** For a call that another server held and that has ended. */
  conversation?: Conversation;
}

/** The results of a conversation that another server held. They are copied to the run that ends with the report. */
export interface Conversation {
  /** The word for how it ended, in place of the outcome's; null: the outcome's. */
  disposition: string | null;
  /** What it yielded, for the run's `gathered_context`. */
  gathered: JsonObject;
  /** In order. */
  utterances: readonly Utterance[];
  /** For the run's `usage_info` and `cost_info`; null: that server does not say. */
  usage: JsonObject | null;
  cost: JsonObject | null;
  /** Whether nothing more will follow. Otherwise it is read again for some minutes. */
  isWhole: boolean;
  /** What was too much to be copied, for the run's `gathered_context`. */
  omitted: readonly string[];
}

/** What one of the two said. */
export interface Utterance {
  speaker: 'user' | 'assistant';
  text: string;
  /** ISO 8601; null: unknown. */
  at: string | null;
}

/** The end of a call, as an entry in a provider's table of words. */
export function ended(outcome: Outcome): Standing {
  return { status: 'ended', outcome };
}

/** A recording that a carrier has made. */
export interface Recording {
  /** The address at the carrier, in a form that `openRecording` reads. */
  url: string;
}
