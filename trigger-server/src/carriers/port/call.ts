/** A call on its way through a carrier: what is asked for, what the carrier said to it, and what it is told. */
import type { RunStatus } from '@dograh-trigger/shared';
import type { Instruction } from './instructions';
import type { CallbackPurpose } from './purpose';
import type { Recording, StatusReport } from './report';

export interface OutboundCall {
  runId: number;
  configurationId: number;
  /** E.164. */
  to: string;
  /** Caller ID in E.164, or null where the provider may choose. */
  from: string | null;
  ringTimeoutSeconds: number;
  maxCallDurationSeconds: number;
  /** Whether to record it. Never set for a provider without `openRecording`. */
  record: boolean;
  /** What happens when it is answered, for a carrier that must be told with the dial; others ask when it is. */
  loadInstructions(): Promise<readonly Instruction[]>;
  /**
   * Where the carrier reports on this call. The URL carries our own HMAC over run, configuration, purpose
   * and turn, and no query, which some carriers drop.
   * @throws Error when the server has no PUBLIC_BASE_URL; a provider with `needsPublicUrl` is never asked to dial then.
   */
  callbackUrl(purpose: CallbackPurpose): string;
  /** For a provider that nothing calls back. */
  reports: CallReports;
}

/** An answered call, as an answer document needs it. */
export interface AnsweredCall {
  runId: number;
  configurationId: number;
  /**
   * None but those of `can`. Nothing but `hang_up` once the run has ended (it was cancelled, for one): nobody must hear
   * anything.
   */
  instructions: readonly Instruction[];
  ringTimeoutSeconds: number;
  maxCallDurationSeconds: number;
  /** As in `OutboundCall`. */
  record: boolean;
  /** As in `OutboundCall`. */
  callbackUrl(purpose: CallbackPurpose): string;
}

/** What the carrier said to a dial. */
export type DialResult =
  | ({ outcome: 'placed'; callId: string; callerNumber: string | null } & FirstFollowUp)
  /** The carrier refused: nobody's phone rings. `detail` is for the caller, in the carrier's words. */
  | { outcome: 'refused'; detail: string }
  /** Nobody's phone rings, and the same call may succeed soon: no connection came to be, or the carrier is too busy. */
  | {
      outcome: 'not_sent';
      detail: string;
      code: 'carrier_unreachable' | 'carrier_busy';
      retryAfterSeconds: number;
    }
  /** No answer, or none that can be understood: the phone may be ringing. */
  | ({ outcome: 'unknown' } & FirstFollowUp);

interface FirstFollowUp {
  /** After how long the call is looked after; absent: not by itself. */
  followUpMilliseconds?: number;
}

/** A call of this provider that has not ended, as the database knows it. */
export interface UnfinishedCall {
  runId: number;
  configurationId: number;
  status: RunStatus;
  /** E.164. */
  calledNumber: string;
  /** As in `OutboundCall`. */
  record: boolean;
}

/** A call as the carrier knows it. */
export interface CarrierCall {
  runId: number;
  /** The carrier's own id of the call. */
  callId: string;
  status: RunStatus;
}

/** A dial whose call the carrier has not named, as it was sent. */
export interface SentCall {
  /** E.164. */
  to: string;
  /** Caller ID in E.164; null where the carrier chose it. */
  from: string | null;
  /** No later than the dial, by the wall clock. */
  sentAt: Date;
}

/** What a carrier said when it was asked to end a call. */
export type CancelResult =
  /** It will end; the carrier's report says when. */
  | { outcome: 'accepted' }
  /** The carrier knows no such call under way. */
  | { outcome: 'gone' }
  | { outcome: 'refused'; detail: string };

/** Where a provider says what becomes of calls that nobody calls back about. */
export interface CallReports {
  /** Moves the run by what the carrier said, in this order and in one transaction. */
  report(runId: number, reports: readonly StatusReport[]): Promise<void>;
  /** Notes a recording to be fetched. Does nothing for a call that is not to be recorded, or has its recording. */
  recorded(runId: number, recording: Recording): Promise<void>;
  /** What to do with this call now. Null when there is no such run. */
  answeredCall(runId: number): Promise<AnsweredCall | null>;
  /**
   * When this call is to be followed up next, by whichever process runs then. A follow-up that ends without it is made
   * again after 30 seconds, until the run has ended.
   * @param milliseconds from now; null: not again.
   */
  followUpIn(runId: number, milliseconds: number | null): Promise<void>;
  /** The calls of one configuration that have not ended. */
  unfinishedCalls(configurationId: number): Promise<UnfinishedCall[]>;
}
