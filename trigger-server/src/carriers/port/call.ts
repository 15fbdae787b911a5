/** A call through a carrier: the order, the carrier's reply to the dial, and the instructions for the answered call. */
import type { RunStatus, VoicemailAction } from '@dograh-trigger/shared';
import type { CallAttempt } from './call-name';
import type { Instruction } from './instructions';
import type { CallbackPurpose } from './purpose';
import type { Recording, StatusReport } from './report';
import type { AskedTurn, FromCallee, NextInstructions, TalkEnd, TalkProgress, TalkReply } from './talk';
import type { VoicemailProgress } from './voicemail';

export interface OutboundCall extends CallAttempt {
  configurationId: number;
  /** E.164. */
  to: string;
  /** Caller ID in E.164; null when the provider may choose. */
  from: string | null;
  ringTimeoutSeconds: number;
  maxCallDurationSeconds: number;
  /** Whether to record it. Never set for a provider without `openRecording`. */
  record: boolean;
  /**
   * What happens if a machine answers; only an action that the provider offers. If it is set, the carrier detects
   * machines, whatever the account's settings say.
   */
  voicemail: VoicemailAction | null;
  /**
   * The instructions for the answered call, for a carrier that takes them with the dial. Others ask for them at the
   * answer.
   */
  loadInstructions(): Promise<readonly Instruction[]>;
  /**
   * Why the call must not begin any more, in words; null: it may. It was asked before `placeCall`, so only a provider that
   * makes other requests first asks again, right before each request that dials.
   */
  whyTooLate(): string | null;
  /**
   * Where the carrier reports on this call. The URL contains our own HMAC over run, attempt, configuration, purpose and turn. It
   * has no query, because some carriers drop it.
   * @throws Error when the server has no PUBLIC_BASE_URL; a provider with `needsPublicUrl` is never asked to dial then.
   */
  callbackUrl(purpose: CallbackPurpose): string;
  /** For a provider whose carrier sends no callbacks. */
  reports: CallReports;
}

/** An answered call, as an answer document needs it. */
export interface AnsweredCall extends CallAttempt {
  configurationId: number;
  /**
   * Only instructions of `can`. Only `hang_up` once the run has ended, for example by a cancellation, and for a machine
   * that is to hear nothing.
   */
  instructions: readonly Instruction[];
  /** Null for a call that does not say what happens if a machine answers. */
  voicemail: VoicemailProgress | null;
  ringTimeoutSeconds: number;
  maxCallDurationSeconds: number;
  /** As in `OutboundCall`. */
  record: boolean;
  /** As in `OutboundCall`. */
  callbackUrl(purpose: CallbackPurpose): string;
}

/** The carrier's reply to a dial. */
export type DialResult =
  | ({ outcome: 'placed'; callId: string; callerNumber: string | null } & FirstFollowUp)
  /** The carrier refused: nobody's phone rings. `detail` is for the caller, in the carrier's words. */
  | { outcome: 'refused'; detail: string }
  /** Nobody's phone rings, and the same call may succeed soon: no connection came to be, or the carrier is too busy. */
  | {
      outcome: 'not_sent';
      detail: string;
      code: 'carrier_unreachable' | 'carrier_busy' | 'unavailable';
      retryAfterSeconds: number;
    }
  /** No answer, or none that can be understood: the phone may be ringing. */
  | ({ outcome: 'unknown' } & FirstFollowUp);

interface FirstFollowUp {
  /** After how many milliseconds `followUp` runs; absent: never by itself. */
  followUpMilliseconds?: number;
}

/** A call of this provider that has not ended, from the database. */
export interface UnfinishedCall extends CallAttempt {
  configurationId: number;
  status: RunStatus;
  /** E.164. */
  calledNumber: string;
  /** As in `OutboundCall`. */
  record: boolean;
  /** As in `OutboundCall`. */
  voicemail: VoicemailAction | null;
}

/** A call that the carrier has an id for. */
export interface CarrierCall extends CallAttempt {
  /** The carrier's own id of the call. */
  callId: string;
  status: RunStatus;
}

/** The data of a dial whose reply had no id of a call. */
export interface SentCall extends CallAttempt {
  /** E.164. */
  to: string;
  /** Caller ID in E.164; null where the carrier chose it. */
  from: string | null;
  /** A time not after the dial, by the wall clock. */
  sentAt: Date;
  /** As in `OutboundCall`. No other call has these addresses. */
  callbackUrl(purpose: CallbackPurpose): string;
}

/** The carrier's reply to a cancellation. */
export type CancelResult =
  /** The call will end. The carrier reports when. */
  | { outcome: 'accepted' }
  /** The carrier knows no such call under way. */
  | { outcome: 'gone' }
  | { outcome: 'refused'; detail: string };

/** Where a provider reports on calls that have no callbacks. */
export interface CallReports {
  /**
   * Applies the carrier's reports to the run, in this order and in one transaction. Those on an attempt that was followed
   * by another one are only logged.
   */
  report(call: CallAttempt, reports: readonly StatusReport[]): Promise<void>;
  /** Records a recording to be downloaded. Does nothing for a call that is not recorded, or already has its recording. */
  recorded(call: CallAttempt, recording: Recording): Promise<void>;
  /** The last attempt of the call with its current instructions. Null when there is no such run. */
  answeredCall(runId: number): Promise<AnsweredCall | null>;
  /**
   * Plans the next follow-up of this call, in any process. A follow-up that does not plan the next one is repeated
   * after 30 seconds, until the run has ended.
   * @param milliseconds from now; null for no further follow-up.
   */
  followUpIn(call: CallAttempt, milliseconds: number | null): Promise<void>;
  /** How far the conversation of a call has come; null for a call that holds none here, or that there is not. */
  talkOf(call: CallAttempt): Promise<TalkProgress | null>;
  /**
   * Computes a turn of the conversation, once: a turn that was finished and is asked for again gives the same reply. It
   * waits for the language model, for less than a minute in all.
   * @param turn the next one by `talkOf`. @param heard null: what was heard in this turn before. @returns null while another one computes this turn: ask again in a second.
   * @throws Error for a turn before which others are missing.
   */
  hear(call: CallAttempt, turn: number, heard: FromCallee | null): Promise<TalkReply | null>;
  /**
   * What to do next in a conversation, for a carrier that is only commanded. It waits for some seconds; a turn that takes longer is computed on.
   * @param asked `turn`: the next one by `talkOf` or by the instructions before. @returns null for a call that there is not. @throws Error as `hear`.
   */
  nextOfTalk(call: CallAttempt, asked: AskedTurn): Promise<NextInstructions | null>;
  /**
   * The results of a conversation that is over, for the report on the end of the call. It may be asked for again.
   * @returns null while another one extracts its values: ask again in a second.
   */
  endTalk(call: CallAttempt): Promise<TalkEnd | null>;
  /** The calls of one configuration that have not ended. */
  unfinishedCalls(configurationId: number): Promise<UnfinishedCall[]>;
}
