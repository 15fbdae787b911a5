/**
 * The port to a carrier. A provider is a plain object in a folder of its own, and one line in `registry.ts`:
 * the request union, the console form, masking, readiness and the callback routes all derive from it.
 */
import type { Readable } from 'node:stream';
import type * as z from 'zod';
import type {
  CallReports,
  CancelResult,
  CarrierCall,
  DialResult,
  OutboundCall,
  SentCall,
  UnfinishedCall,
} from './call';
import type { Callbacks } from './callback';
import type { InstructionName } from './instructions';
import type { Recording, StatusReport } from './report';
import type { SpeechOffer } from './speech';
import type { CarrierTools } from './tools';

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

/** A lasting connection to a carrier that reports by events instead of callbacks. */
export interface CarrierConnection {
  /** Why calls cannot be placed through it now, or null when they can. */
  fault(): string | null;
  /** As the provider's `followUp`, for what only the connection knows. */
  followUp?(call: UnfinishedCall): Promise<void>;
  close(): void;
}

export interface TelephonyProvider<Configuration extends z.ZodObject = z.ZodObject> {
  displayName: string;
  connectivity: 'api' | 'sip';
  docsUrl: string | null;
  /** Its fields carry `.meta(field({ … }))`: see `kit/field.ts`. */
  configuration: Configuration;
  /** Set where calls ring nobody: such a carrier is never used in the place of one that was meant to call. */
  ringsNobody?: true;
  /** Whether a call needs one of the configuration's own phone numbers as caller ID. */
  needsPhoneNumber: boolean;
  /** Whether the carrier must reach this server: without PUBLIC_BASE_URL it is then not ready. */
  needsPublicUrl: boolean;
  /**
   * The instructions that it carries out. An agent whose calls need another one is refused with 501 before a run
   * exists, so none reaches the provider.
   */
  can: readonly InstructionName[];
  /** Its languages and voices. */
  speech(tools: Pick<CarrierTools, 'ttsCommand'>): SpeechOffer;
  /** Dials once, and never again by itself. */
  placeCall(
    configuration: z.output<Configuration>,
    call: OutboundCall,
    tools: CarrierTools,
  ): Promise<DialResult>;
  /** Null for a provider that nothing calls back. */
  callbacks: Callbacks<z.output<Configuration>> | null;

  /**
   * On save: what the schema alone cannot tell, such as an account that does not exist, or a setting the carrier
   * mints itself. Gives the settings to keep. @throws Problem bad_request with the carrier's words.
   */
  prepare?(configuration: z.output<Configuration>, tools: CarrierTools): Promise<z.output<Configuration>>;
  /** Whether the account owns this number (E.164), where the carrier can be asked. Null: it did not say. */
  ownsNumber?(
    configuration: z.output<Configuration>,
    number: string,
    tools: CarrierTools,
  ): Promise<boolean | null>;
  /**
   * How many questions about calls (`askStatus`, `findCall`) an account is sent in a second at most, well below what the
   * carrier documents. Set for a carrier whose callbacks may get lost: it is asked about each open call of which
   * nothing was heard for a while.
   */
  questionsPerSecond?: number;
  /**
   * How a call stands at the carrier. Null: the carrier does not know the call, or does not say how it stands.
   * @throws NotSentError, NoReplyError, CarrierFailure.
   */
  askStatus?(
    configuration: z.output<Configuration>,
    call: CarrierCall,
    tools: CarrierTools,
  ): Promise<StatusReport | null>;
  /**
   * The ids of all calls at the carrier that this dial may have become: same numbers, begun since. For a dial whose
   * outcome is unknown.
   * @throws NotSentError, NoReplyError, CarrierFailure.
   */
  findCall?(
    configuration: z.output<Configuration>,
    sent: SentCall,
    tools: CarrierTools,
  ): Promise<readonly string[]>;
  /**
   * The ids of calls that were answered and go on, in one request; others may be among them. What is not listed is asked
   * about, so a first page will do.
   * @throws NotSentError, NoReplyError, CarrierFailure.
   */
  listUnderWay?(configuration: z.output<Configuration>, tools: CarrierTools): Promise<readonly string[]>;
  /**
   * The bytes of a recording, WAV or MP3. Without it calls through this carrier are not recorded.
   * @throws DownloadError, above all for an address that is not the carrier's own: it must never get credentials.
   */
  openRecording?(
    configuration: z.output<Configuration>,
    recording: Recording,
    tools: CarrierTools,
  ): Promise<Readable>;
  /** Ends a call that is queued, ringing or answered. */
  cancel?(
    configuration: z.output<Configuration>,
    call: CarrierCall,
    tools: CarrierTools,
    reports: CallReports,
  ): Promise<CancelResult>;
  /** Opens the lasting connection of one configuration; it supervises itself until it is closed. */
  connect?(
    configurationId: number,
    configuration: z.output<Configuration>,
    tools: CarrierTools,
    reports: CallReports,
  ): CarrierConnection;
  /**
   * Looks after a call when its time has come (`followUpMilliseconds` of the dial, `CallReports.followUpIn`), and after a
   * process ended while it dialled. Must bear being run twice: a process may end in the middle of it.
   */
  followUp?(call: UnfinishedCall, tools: CarrierTools, reports: CallReports): Promise<void>;
}
