/**
 * Calls that another server holds, and that it does not report. They are read there again and again until they have ended,
 * and their results are copied. Such a provider needs no `askStatus`.
 */
import type { CallAttempt } from './call-name';
import type { Recording, StatusReport } from './report';
import type { CarrierTools } from './tools';

/** A call, and the id that the other server gave it. */
export interface NamedCall extends CallAttempt {
  callId: string;
}

/** A call as that server has it. */
export interface FollowedCall {
  /** `unknown` with an empty raw status: that server says nothing of a call that goes on. */
  report: StatusReport;
  /** For a call that has ended: whether its results are all there, or none will follow. */
  isComplete: boolean;
  /** Null: there is none yet. */
  recording: Recording | null;
}

/**
 * A call to be read. `record`: whether its recording is wanted. `needsAll`: whether an end is of use only with all its
 * results, so that none of them is copied before.
 */
export interface ReadCall extends NamedCall {
  record: boolean;
  needsAll: boolean;
}

/** A call in a list, where only its status is read: an end has no results. */
export interface ListedCall extends CallAttempt, Omit<FollowedCall, 'recording'> {}

export interface CallPage {
  /** Those of the calls that were asked for. */
  calls: ListedCall[];
  /** Whether there are no older calls. */
  isLast: boolean;
}

/** A request of that server which says that a call has ended. */
export interface HintRequest {
  /** A header, or undefined. Names are not case-sensitive. */
  header(name: string): string | undefined;
  body: Buffer;
}

/**
 * That server numbers its calls by itself, so another one has the same ids. The provider therefore sends a mark with each
 * dial, and its `findCall` finds a call by nothing else. The first two throw NotSentError, NoReplyError, CarrierFailure.
 */
export interface Follow<Configuration> {
  /**
   * One call with all that is known of it. A call that the server says it does not have has ended, and so has one whose id
   * is another call's: the server is another one than before.
   */
  read(configuration: Configuration, call: ReadCall, tools: CarrierTools): Promise<FollowedCall>;
  /**
   * What a page of the account's list says of these calls, newest first.
   * @param page from 1; `since`: its oldest call; `record` of a call: whether its recording is wanted.
   */
  list(
    configuration: Configuration,
    page: { since: Date; page: number; calls: readonly (NamedCall & { record: boolean })[] },
    tools: CarrierTools,
  ): Promise<CallPage>;
  /** The id of the call that the request is about; null when it names none. */
  readHint(request: HintRequest): string | null;
}
