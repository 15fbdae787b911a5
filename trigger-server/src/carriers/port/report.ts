/** What a carrier reports, in our words and in its own. */
import type { JsonObject, RunStatus } from '@dograh-trigger/shared';

/** What a carrier reports about a call under way, in our words and in its own. */
export interface StatusReport {
  status: RunStatus | 'unknown';
  /** The carrier's own word. */
  rawStatus: string;
  callId?: string;
  durationSeconds?: number;
  /** Of a call that was asked about and goes on: how long it has lasted by the carrier's own clock. */
  runningSeconds?: number;
  /** Why an answered call ended, e.g. `user_hangup`. */
  disposition?: string;
  /** Set where the carrier has just spoken the agent's greeting: it goes into the run's log. */
  greetingSpoken?: true;
  /** Facts for the run's `gathered_context`, e.g. `{ answered_by: 'human' }`. */
  gathered?: JsonObject;
}

/** A recording that a carrier has made. */
export interface Recording {
  /** Where the carrier keeps it, in a form that `openRecording` understands. */
  url: string;
}
