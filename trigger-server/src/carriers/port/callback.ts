/** What a carrier sends to us about a call, and what a provider makes of it. */
import type { AnsweredCall } from './call';
import type { CallbackPurpose } from './purpose';
import type { Recording, StatusReport } from './report';
import type { CarrierTools } from './tools';

/** A request of a carrier to us, exactly as it came. */
export interface CallbackRequest {
  method: 'GET' | 'POST';
  purpose: CallbackPurpose;
  /** As the carrier knows it: PUBLIC_BASE_URL and the path it asked for, with its query. Signatures cover this. */
  url: string;
  /** A header, or undefined. Names are not case-sensitive. */
  header(name: string): string | undefined;
  /** The raw body; empty for a GET. */
  body: Buffer;
  receivedAt: Date;
  /** The same moment by the steady clock: once the wall clock was set, nobody knows which of the two the carrier's is. */
  receivedSteadyAt: Date;
}

/** A document that tells the carrier what to do, e.g. TwiML. */
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
  /** What it says about the call; null where it says nothing (a media event, for one). @throws Problem bad_request */
  readStatus(request: CallbackRequest): StatusReport | null;
  /**
   * The recording that a callback of any purpose tells of; null where it tells of none. What comes under purpose
   * `recording` is about nothing else, and never read as a status.
   */
  readRecording?(request: CallbackRequest): Recording | null;
  /** The answer to purpose `answer` (and `announcement`), where the carrier asks for one. */
  answer?(
    call: AnsweredCall,
    request: CallbackRequest,
    tools: CarrierTools,
  ): Promise<AnswerDocument> | AnswerDocument;
  /**
   * The reply to purpose `announcement`, for a carrier that asks what comes after an announcement. `readStatus` then
   * reports that it was heard.
   */
  afterAnnouncement?: AnswerDocument;
  /** The reply to any other purpose, where the carrier expects more than a 200 with JSON. */
  acknowledgement?: AnswerDocument;
  /** For carriers that are commanded, not asked: runs after the status was applied. Must bear being run twice. */
  act?(
    configuration: Configuration,
    request: CallbackRequest,
    call: AnsweredCall,
    tools: CarrierTools,
  ): Promise<void>;
}

/**
 * For `Callbacks.verify` of what a carrier does not sign: our own HMAC in the URL is all there is. Whoever has seen the
 * URL can send it, so the body of such a request is not read, unless the carrier signs nothing at all.
 */
export const unsigned = (): true => true;
