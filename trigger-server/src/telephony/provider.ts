/**
 * The port to a carrier. A provider is a plain object in a folder of its own, and one line in `registry.ts`:
 * the request union, the console form, masking, readiness and the callback routes all derive from it.
 */
import type { Readable } from 'node:stream';
import type { JsonObject, RunStatus } from '@dograh-trigger/shared';
import type { Logger } from 'pino';
import type { Dispatcher } from 'undici';
import type * as z from 'zod';
import type { Clock } from '../clock';
import type { CarrierDownload } from './carrier/download';
import type { CarrierHttp } from './carrier/http';

/** How one field of a provider's configuration is shown, and whether it is a secret. */
export interface FieldMetadata {
  label: string;
  /** Masked in every reply. */
  secret?: boolean;
  /** Where the secrets are sent: whoever changes it must type them again, so that a mask cannot send one elsewhere. */
  destination?: boolean;
  /** Set by the server or the carrier, shown, and never typed in. */
  readOnly?: boolean;
  /** Longer than a line, such as a private key. */
  multiline?: boolean;
  description?: string;
  placeholder?: string;
}

/** What a callback of a carrier is about; part of its URL and of the URL's signature. */
export const callbackPurposes = ['answer', 'status', 'ring', 'hangup', 'announcement', 'recording'] as const;
export type CallbackPurpose = (typeof callbackPurposes)[number];

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
  loadAnswer(): Promise<Answer>;
  /**
   * Where the carrier reports on this call. The URL carries our own HMAC over run, configuration and purpose,
   * and no query, which some carriers drop.
   * @throws Error when the server has no PUBLIC_BASE_URL; a provider with `needsPublicUrl` is never asked to dial then.
   */
  callbackUrl(purpose: CallbackPurpose): string;
}

/** What the carrier is told to do with an answered call. */
export type Answer =
  /** Speak the text, then hang up. */
  | { mode: 'announce'; text: string }
  /** Connect the carrier's media stream to `url` (`wss://`), with the parameters the carrier's own way. */
  | { mode: 'stream'; url: string; parameters: Record<string, string> }
  /** The run has ended (it was cancelled, for one): nobody must hear anything. */
  | { mode: 'hangup' };

/** An answered call, as an answer document needs it. */
export interface AnsweredCall {
  runId: number;
  configurationId: number;
  answer: Answer;
  maxCallDurationSeconds: number;
  /** As in `OutboundCall`. */
  record: boolean;
  /** As in `OutboundCall`. */
  callbackUrl(purpose: CallbackPurpose): string;
}

/** What the carrier said to a dial. */
export type DialResult =
  | { outcome: 'placed'; callId: string; callerNumber: string | null }
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
  | { outcome: 'unknown' };

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

/** A call of this provider that has not ended, as the database knows it. */
export interface UnfinishedCall {
  runId: number;
  status: RunStatus;
  calledNumber: string;
}

/** A call as the carrier knows it. */
export interface CarrierCall {
  runId: number;
  /** The carrier's own id of the call. */
  callId: string;
  status: RunStatus;
}

/** What the server lends a provider. */
export interface ProviderHost {
  clock: Clock;
  log: Logger;
  /** Bounded in time, and replaceable in tests by loopback servers only: there is no other way out. */
  http: CarrierHttp;
  /** For recordings: streamed, and without credentials wherever the carrier redirects to. */
  download: CarrierDownload;
  /** undici's dispatcher for a WebSocket to an address that a tenant supplied; `http` has `guarded` for the same. */
  guardedDispatcher: Dispatcher;
  /**
   * A vendor's URL, its scheme, host and port replaced by `<VENDOR>_API_BASE_URL` where the operator set it.
   * @param url the vendor's documented address, e.g. `https://api.example.com/v1/calls`.
   */
  apiUrl(url: string): string;
  /** Moves the run by what the carrier said, in this order and in one transaction. */
  report(runId: number, reports: readonly StatusReport[]): Promise<void>;
  /** Notes a recording to be fetched. Does nothing for a call that is not to be recorded, or has its recording. */
  recorded(runId: number, recording: Recording): Promise<void>;
  /** What to do with this call now; `{ mode: 'hangup' }` once its run has ended. Null when there is no such run. */
  answeredCall(runId: number): Promise<AnsweredCall | null>;
  /** The calls of one configuration that have not ended. */
  unfinishedCalls(configurationId: number): Promise<UnfinishedCall[]>;
  /** How long the sandbox stays in one status. */
  sandboxStepMilliseconds: number;
  /** The command that turns text (standard input) into a WAV file (standard output), and its arguments. */
  ttsCommand: readonly string[];
}

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
    host: ProviderHost,
  ): Promise<AnswerDocument> | AnswerDocument;
  /** The reply to any other purpose, where the carrier expects more than a 200 with JSON. */
  acknowledgement?: AnswerDocument;
  /** For carriers that are commanded, not asked: runs after the status was applied. Must bear being run twice. */
  act?(
    configuration: Configuration,
    request: CallbackRequest,
    call: AnsweredCall,
    host: ProviderHost,
  ): Promise<void>;
}

/**
 * For `Callbacks.verify` of what a carrier does not sign: our own HMAC in the URL is all there is. Whoever has seen the
 * URL can send it, so the body of such a request is not read, unless the carrier signs nothing at all.
 */
export const unsigned = (): true => true;

/** What a carrier said when it was asked to end a call. */
export type CancelResult =
  /** It will end; the carrier's report says when. */
  | { outcome: 'accepted' }
  /** The carrier knows no such call under way. */
  | { outcome: 'gone' }
  | { outcome: 'refused'; detail: string };

/** A lasting connection to a carrier that reports by events instead of callbacks. */
export interface CarrierConnection {
  /** Why calls cannot be placed through it now, or null when they can. */
  fault(): string | null;
  close(): void;
}

export interface TelephonyProvider<Configuration extends z.ZodObject = z.ZodObject> {
  displayName: string;
  connectivity: 'api' | 'sip';
  docsUrl: string | null;
  /** Its fields carry `FieldMetadata` as `.meta({ field: … })`. */
  configuration: Configuration;
  /** Set where calls ring nobody: such a carrier is never used in the place of one that was meant to call. */
  ringsNobody?: true;
  /** Whether a call needs one of the configuration's own phone numbers as caller ID. */
  needsPhoneNumber: boolean;
  /** Whether the carrier must reach this server: without PUBLIC_BASE_URL it is then not ready. */
  needsPublicUrl: boolean;
  /** What an answered call can do here; anything else is refused with 501 before a run exists. */
  answers: readonly ('announce' | 'stream')[];
  /** Dials once, and never again by itself. */
  placeCall(
    configuration: z.output<Configuration>,
    call: OutboundCall,
    host: ProviderHost,
  ): Promise<DialResult>;
  /** Null for a provider that nothing calls back. */
  callbacks: Callbacks<z.output<Configuration>> | null;

  /**
   * On save: what the schema alone cannot tell, such as an account that does not exist, or a setting the carrier
   * mints itself. Gives the settings to keep. @throws Problem bad_request with the carrier's words.
   */
  prepare?(configuration: z.output<Configuration>, host: ProviderHost): Promise<z.output<Configuration>>;
  /** Whether the account owns this number (E.164), where the carrier can be asked. Null: it did not say. */
  ownsNumber?(
    configuration: z.output<Configuration>,
    number: string,
    host: ProviderHost,
  ): Promise<boolean | null>;
  /** How a call stands at the carrier, for the watchdog. Null: it did not say. */
  askStatus?(
    configuration: z.output<Configuration>,
    call: CarrierCall,
    host: ProviderHost,
  ): Promise<StatusReport | null>;
  /**
   * The bytes of a recording, WAV or MP3. Without it calls through this carrier are not recorded.
   * @throws DownloadError, above all for an address that is not the carrier's own: it must never get credentials.
   */
  openRecording?(
    configuration: z.output<Configuration>,
    recording: Recording,
    host: ProviderHost,
  ): Promise<Readable>;
  /** Ends a call that is queued, ringing or answered. */
  cancel?(
    configuration: z.output<Configuration>,
    call: CarrierCall,
    host: ProviderHost,
  ): Promise<CancelResult>;
  /** Opens the lasting connection of one configuration; it supervises itself until it is closed. */
  connect?(
    configurationId: number,
    configuration: z.output<Configuration>,
    host: ProviderHost,
  ): CarrierConnection;
  /** Takes up calls that were under way when the server stopped, where nobody else will report on them. */
  resume?(calls: readonly UnfinishedCall[], host: ProviderHost): void;
}
