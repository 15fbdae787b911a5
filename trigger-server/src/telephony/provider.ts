/**
 * The port to a carrier. A provider is a plain object in a folder of its own, and one line in `registry.ts`:
 * the request union, the console form, masking and readiness all derive from it.
 */
import type { RunStatus } from '@dograh-trigger/shared';
import type * as z from 'zod';

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
}

export interface TelephonyProvider<Configuration extends z.ZodObject = z.ZodObject> {
  displayName: string;
  connectivity: 'api' | 'sip';
  docsUrl: string | null;
  /** Its fields carry `FieldMetadata` as `.meta({ field: … })`. */
  configuration: Configuration;
  /** Whether a call needs one of the configuration's own phone numbers as caller ID. */
  needsPhoneNumber: boolean;
  placeCall(configuration: z.output<Configuration>, call: OutboundCall): Promise<DialResult>;
}
