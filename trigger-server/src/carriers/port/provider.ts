/**
 * The port to a carrier. A provider is a plain object in a folder of its own, and one entry in `registry.ts`. The
 * request union, the console form, masking, readiness and the callback routes derive from it.
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
import type { RemoteAgents } from './agents';
import type { Callbacks } from './callback';
import type { Follow } from './follow';
import type { InstructionName } from './instructions';
import type { Recording, StatusReport } from './report';
import type { SpeechOffer } from './speech';
import type { CarrierTools } from './tools';
import type { VoicemailOffer } from './voicemail';

/** How one field of a provider's configuration is shown, and whether it is a secret. */
export interface FieldMetadata {
  label: string;
  /** Masked in every reply. */
  secret?: boolean;
  /**
   * The address that the secrets are sent to. A change of it needs the secrets typed again, so that a mask cannot send
   * a stored secret elsewhere.
   */
  destination?: boolean;
  /** Set by the server or the carrier. A form shows it but cannot change it. */
  readOnly?: boolean;
  /** For a text of several lines, for example a private key. */
  multiline?: boolean;
  description?: string;
  placeholder?: string;
}

/** What a carrier says about the settings of an account. */
export interface Verdict {
  /** Null when the carrier could not be reached, or failed: its answer says nothing about the settings. */
  ok: boolean | null;
  /** In the carrier's own words, where it has any. */
  detail: string;
  /** The field of the settings to check first; null when there is none. */
  field: string | null;
}

/** Why calls cannot be placed through a connection. */
export interface ConnectionFault {
  /** In sentences, with what to do. */
  reason: string;
  /** Whether it may pass by itself, so that the same call may succeed soon. */
  isTemporary: boolean;
}

/** A lasting connection to a carrier that reports by events instead of callbacks. */
export interface CarrierConnection {
  /** Why calls cannot be placed through it now, or null when they can. */
  fault(): ConnectionFault | null;
  /** The last sign of life of a connection that was lost, by the steady clock; null while it is there. */
  lostAt?(): Date | null;
  /** Like the provider's `followUp`, for calls that need the connection. */
  followUp?(call: UnfinishedCall): Promise<void>;
  /** Cancels the calls that nobody has answered. Their ends are reported as usual. @param reason in a sentence. */
  endRinging?(reason: string): void;
  close(): void;
}

export interface TelephonyProvider<Configuration extends z.ZodObject = z.ZodObject> {
  displayName: string;
  connectivity: 'api' | 'sip';
  docsUrl: string | null;
  /** Its fields carry `.meta(field({ … }))`: see `kit/settings/field.ts`. */
  configuration: Configuration;
  /** Set when calls ring no phone. Such a provider never replaces one that rings phones. */
  isSimulated?: true;
  /** Whether a call needs one of the configuration's own phone numbers as caller ID. */
  needsPhoneNumber: boolean;
  /** Whether the carrier must reach this server. If so, it is not ready without PUBLIC_BASE_URL. */
  needsPublicUrl: boolean;
  /**
   * The instructions that it carries out. A call that needs another one is refused with 501 before a run exists, so the
   * provider never gets one.
   */
  can: readonly InstructionName[];
  /**
   * What this server lacks to hold conversations through this carrier, in a sentence with what to do; null: nothing.
   * Absent: it never lacks anything.
   */
  whyNoTalk?(tools: Pick<CarrierTools, 'sttCommand'>): string | null;
  /** Its languages and voices. */
  speech(tools: Pick<CarrierTools, 'ttsCommand'>): SpeechOffer;
  /**
   * What it can do if a machine answers. Absent: it does not find out whether one did, so a call that says what happens
   * then is refused with 501 before a run exists.
   */
  voicemail?: VoicemailOffer;
  /** Dials once, and never retries. */
  placeCall(
    configuration: z.output<Configuration>,
    call: OutboundCall,
    tools: CarrierTools,
  ): Promise<DialResult>;
  /** Null for a provider whose carrier sends no callbacks. */
  callbacks: Callbacks<z.output<Configuration>> | null;

  /** Asks the carrier now whether it accepts the settings, by a read that costs nothing. Without it nobody can ask. */
  verify?(configuration: z.output<Configuration>, tools: CarrierTools): Promise<Verdict>;
  /**
   * Set where calls also need what people set up at the carrier, such as agents. The carrier is then asked whenever an
   * account is saved, and an account that it refuses is shown as not ready, in its words.
   */
  asksOnSave?: true;
  /**
   * Checks what the provider needs on this machine, such as a program that speaks.
   * @returns what is missing and what to do, in sentences; null when nothing is.
   */
  findLocalFault?(tools: Pick<CarrierTools, 'ttsCommand'>): Promise<string | null>;
  /**
   * On save: checks what the schema cannot, for example whether the account exists, and adds settings that the carrier
   * generates. @returns the settings to store. @throws Problem bad_request with the carrier's words.
   */
  prepare?(configuration: z.output<Configuration>, tools: CarrierTools): Promise<z.output<Configuration>>;
  /** Whether the account owns this number (E.164), by the carrier's reply. Null when the reply does not say. */
  ownsNumber?(
    configuration: z.output<Configuration>,
    number: string,
    tools: CarrierTools,
  ): Promise<boolean | null>;
  /**
   * How many calls the carrier starts per second and account where nothing else was agreed with it. Calls that may wait
   * keep to it, because the carrier refuses or delays what is beyond it; the setting `calls_per_second` of an account
   * replaces it (`kit/settings/pace.ts`). Absent: the carrier documents no such limit.
   */
  callsPerSecond?: number;
  /**
   * The most requests about calls (`askStatus`, `findCall`) per second and account, well below the carrier's documented
   * limit. Set for a carrier whose callbacks may get lost: it is asked about each open call without a recent report.
   */
  questionsPerSecond?: number;
  /**
   * The status of a call at the carrier. Null when the carrier does not know the call, or does not state its status.
   * @throws NotSentError, NoReplyError, CarrierFailure.
   */
  askStatus?(
    configuration: z.output<Configuration>,
    call: CarrierCall,
    tools: CarrierTools,
  ): Promise<StatusReport | null>;
  /**
   * The ids of all calls at the carrier that may come from this dial: the same numbers, begun since, or a mark that was
   * sent with it. For a dial whose outcome is unknown.
   * @throws NotSentError, NoReplyError, CarrierFailure.
   */
  findCall?(
    configuration: z.output<Configuration>,
    sent: SentCall,
    tools: CarrierTools,
  ): Promise<readonly string[]>;
  /**
   * The ids of answered calls that have not ended, in one request. Other calls may be among them. The server asks about
   * each call that is not listed, so a first page is enough.
   * @throws NotSentError, NoReplyError, CarrierFailure.
   */
  listUnderWay?(configuration: z.output<Configuration>, tools: CarrierTools): Promise<readonly string[]>;
  /**
   * The bytes of a recording, WAV or MP3. Without this function, calls through this carrier are not recorded.
   * @throws DownloadError, also for an address that is not the carrier's own: it must never get credentials.
   */
  openRecording?(
    configuration: z.output<Configuration>,
    recording: Recording,
    tools: CarrierTools,
  ): Promise<Readable>;
  /**
   * Deletes a recording at the carrier, for a call that is erased. One that is not there any more counts as deleted.
   * Absent: the carrier has no documented request for it.
   * @throws NotSentError, NoReplyError, CarrierFailure, DownloadError for an address that is not the carrier's own.
   */
  deleteRecording?(
    configuration: z.output<Configuration>,
    recording: Recording,
    tools: CarrierTools,
  ): Promise<void>;
  /**
   * Set for a carrier that documents no ring timeout of a dial. The server then asks about a call that rings longer than
   * its agent allows, and cancels it unless it was answered: `askStatus`, `cancel` and `questionsPerSecond` are needed.
   */
  needsRingTimer?: true;
  /** Ends a call that is queued, ringing or answered. */
  cancel?(
    configuration: z.output<Configuration>,
    call: CarrierCall,
    tools: CarrierTools,
    reports: CallReports,
  ): Promise<CancelResult>;
  /**
   * Opens the lasting connection of one configuration. It reconnects by itself until it is closed.
   * @param isOurs whether this process is still the one that keeps it. If not, for example after it was paused, another
   * process handles the events.
   */
  connect?(
    configurationId: number,
    configuration: z.output<Configuration>,
    tools: CarrierTools,
    reports: CallReports,
    isOurs: () => boolean,
  ): CarrierConnection;
  /** For a server whose own agents hold the calls. */
  agents?: RemoteAgents<z.output<Configuration>>;
  /**
   * Follows up a call at its planned time (`followUpMilliseconds` of the dial, `CallReports.followUpIn`), and after a
   * process ended while it dialled. Must tolerate running twice, because a process may end in the middle of it.
   */
  followUp?(call: UnfinishedCall, tools: CarrierTools, reports: CallReports): Promise<void>;
  /** For a carrier that neither calls back nor keeps a connection: how its calls are read. */
  follow?: Follow<z.output<Configuration>>;
}
