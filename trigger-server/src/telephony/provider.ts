/**
 * The port to a carrier. A provider is a plain object in a folder of its own, and one line in `registry.ts`:
 * the request union, the console form, masking and readiness all derive from it.
 */
import type { RunStatus } from '@dograh-trigger/shared';
import type { Logger } from 'pino';
import type * as z from 'zod';
import type { Clock } from '../clock';

/** How one field of a provider's configuration is shown, and whether it is a secret. */
export interface FieldMetadata {
  label: string;
  /** Masked in every reply. */
  secret?: boolean;
  description?: string;
  placeholder?: string;
}

export interface OutboundCall {
  runId: number;
  /** E.164. */
  to: string;
  /** Caller ID in E.164, or null where the provider may choose. */
  from: string | null;
  ringTimeoutSeconds: number;
  maxCallDurationSeconds: number;
}

/** What the carrier said to a dial. */
export type DialResult =
  | { outcome: 'placed'; callId: string; callerNumber: string | null }
  /** The carrier refused: nobody's phone rings. `detail` is for the caller, in the carrier's words. */
  | { outcome: 'refused'; detail: string }
  /** No answer, or none that can be understood: the phone may be ringing. */
  | { outcome: 'unknown' };

/** What a carrier reports about a call under way, in our words and in its own. */
export interface StatusReport {
  status: RunStatus | 'unknown';
  /** The carrier's own word. */
  rawStatus: string;
  callId?: string;
  durationSeconds?: number;
  /** Why an answered call ended, e.g. `user_hangup`. */
  disposition?: string;
  /** Set where the carrier has just spoken the agent's greeting: it goes into the run's log. */
  greetingSpoken?: true;
}

/** A call of this provider that has not ended, as the database knows it. */
export interface UnfinishedCall {
  runId: number;
  status: RunStatus;
  calledNumber: string;
}

/** What the server lends a provider. */
export interface ProviderHost {
  clock: Clock;
  log: Logger;
  /** Moves the run by what the carrier said, in this order and in one transaction. */
  report(runId: number, reports: readonly StatusReport[]): Promise<void>;
  /** How long the sandbox stays in one status. */
  sandboxStepMilliseconds: number;
}

export interface TelephonyProvider<Configuration extends z.ZodObject = z.ZodObject> {
  displayName: string;
  connectivity: 'api' | 'sip';
  docsUrl: string | null;
  /** Its fields carry `FieldMetadata` as `.meta({ field: … })`. */
  configuration: Configuration;
  /** Whether a call needs one of the configuration's own phone numbers as caller ID. */
  needsPhoneNumber: boolean;
  placeCall(
    configuration: z.output<Configuration>,
    call: OutboundCall,
    host: ProviderHost,
  ): Promise<DialResult>;
  /** Takes up calls that were under way when the server stopped, where nobody else will report on them. */
  resume?(calls: readonly UnfinishedCall[], host: ProviderHost): void;
}
