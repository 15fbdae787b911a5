/** A carrier's requests to us about a call, and how a provider reads and answers them. */
import type { AnsweredCall } from './call';
import type { CallbackPurpose } from './purpose';
import type { Recording, StatusReport } from './report';
import type { FromCallee, Relay, TransferEnd } from './talk';
import type { CarrierTools } from './tools';

/** A request of a carrier to us, unchanged. */
export interface CallbackRequest {
  method: 'GET' | 'POST';
  purpose: CallbackPurpose;
  /** The URL as the carrier sent it: PUBLIC_BASE_URL, path and query. Signatures cover this. */
  url: string;
  /** A header, or undefined. Names are not case-sensitive. */
  header(name: string): string | undefined;
  /** The raw body; empty for a GET. */
  body: Buffer;
  receivedAt: Date;
  /**
   * The same moment by the steady clock. After the wall clock was set, either of the two may agree with the carrier's
   * clock.
   */
  receivedSteadyAt: Date;
}

/** A document with instructions for the carrier, e.g. TwiML. */
export interface AnswerDocument {
  contentType: string;
  body: string | Buffer;
}

export interface Callbacks<Configuration> {
  /**
   * Whether the carrier really sent this, by its own signature; our HMAC in the URL has been checked before.
   * Must be false whenever anything is missing or malformed. A carrier that signs nothing says so with `unsigned`.
   */
  verify(configuration: Configuration, request: CallbackRequest): boolean;
  /** The report on the call; null for a request without one, for example a media event. @throws Problem bad_request */
  readStatus(request: CallbackRequest): StatusReport | null;
  /**
   * The recording that a callback of any purpose names; null when it names none. A callback with purpose `recording` is
   * never read as a status.
   */
  readRecording?(request: CallbackRequest): Recording | null;
  /** What was heard, for purpose `turn`. Absent: no conversation is held through this carrier. */
  readHeard?(request: CallbackRequest): FromCallee;
  /** For a carrier that can hold a conversation over a WebSocket. */
  relay?: Relay<Configuration>;
  /**
   * What became of a transfer, for purpose `transfer`; null for a report on its progress. Absent: this carrier transfers no
   * call.
   */
  readTransfer?(request: CallbackRequest): TransferEnd | null;
  /** For how long the carrier waits for the document of a turn; 2.5 seconds. */
  patienceMilliseconds?: number;
  /**
   * The reply to purposes `turn`, `talk` and `transfer`, for a carrier that gets its first document with the dial. Others use
   * `answer`.
   */
  talk?(call: AnsweredCall): AnswerDocument;
  /** The reply to purposes `answer`, `message`, `turn`, `talk` and `transfer`, for a carrier that asks for a document. */
  answer?(
    call: AnsweredCall,
    request: CallbackRequest,
    tools: CarrierTools,
  ): Promise<AnswerDocument> | AnswerDocument;
  /**
   * Set when the carrier requests its document before it knows who answered. A call that hangs up on machines then
   * speaks only once a report says that no machine answered.
   */
  asksBeforeDetection?: true;
  /**
   * The reply to purposes `announcement`, `redirected` and `message_heard`, for a carrier that requests the next
   * instructions after what was spoken (see `nextStep`). `readStatus` then reports what was heard.
   */
  afterSpeech?(call: AnsweredCall, purpose: CallbackPurpose): AnswerDocument;
  /** The reply to any other purpose, for a carrier that expects more than a 200 with JSON. */
  acknowledgement?: AnswerDocument;
  /**
   * For carriers that take commands: runs after the status was applied. Must tolerate running twice.
   * @param loadCall the call as it is after the report.
   * @param isMessageDue whether this report made the message for a machine due. True once in a call.
   */
  act?(
    configuration: Configuration,
    request: CallbackRequest,
    loadCall: () => Promise<AnsweredCall>,
    tools: CarrierTools,
    isMessageDue: boolean,
  ): Promise<void>;
}

/**
 * For `Callbacks.verify` of requests that a carrier does not sign: only our own HMAC in the URL protects them. Anyone
 * who has seen the URL can send one, so its body is not read, unless the carrier signs nothing at all.
 */
export const unsigned = (): true => true;
