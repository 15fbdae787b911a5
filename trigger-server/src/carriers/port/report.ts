/** What a carrier reports, in our words and in its own. */
import type { AnsweredBy } from '@dograh-trigger/shared';
import type { Outcome } from './outcomes';

/** How far a call has come. `unknown` is a word that we do not know: it is kept, and moves nothing. */
export type Standing =
  { status: 'initiated' | 'ringing' | 'answered' | 'unknown' } | { status: 'ended'; outcome: Outcome };

/** What a carrier reports about a call under way, in our words and in its own. */
export type StatusReport = Standing & ReportDetails;

export interface ReportDetails {
  /** The carrier's own word. */
  rawStatus: string;
  callId?: string;
  durationSeconds?: number;
  /** Of a call that was asked about and goes on: how long it has lasted by the carrier's own clock. */
  runningSeconds?: number;
  /** How long ago it happened, where the carrier says: its clock against ours, so only differences mean something. */
  lateSeconds?: number;
  /** Of a call that is over: the carrier says that it was answered. */
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
  /** Set where the carrier has just spoken the agent's greeting: it goes into the run's log. */
  greetingSpoken?: true;
  /** The announcement was heard to its end, so that the agent hangs up. */
  announcementHeard?: true;
  /** What went wrong, for the run's `gathered_context`. */
  error?: string;
}

/** The end of a call, as an entry in a provider's table of words. */
export function ended(outcome: Outcome): Standing {
  return { status: 'ended', outcome };
}

/** A recording that a carrier has made. */
export interface Recording {
  /** Where the carrier keeps it, in a form that `openRecording` understands. */
  url: string;
}
