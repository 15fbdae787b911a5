import type { DeliverySource, DeliveryStatus, WebhookCredentialType } from '@dograh-trigger/shared';
import type { Generated } from 'kysely';

/** The signing secrets of an organization's events. One is current; older ones also sign until they expire. */
export interface WebhookSecretTable {
  id: Generated<number>;
  organization_id: number;
  /** `whsec_…`, encrypted with AES-256-GCM. */
  secret: string;
  created_at: string;
  /** Null for the current secret. */
  expires_at: string | null;
}

export interface WebhookCredentialTable {
  id: Generated<number>;
  uuid: string;
  organization_id: number;
  name: string;
  description: string | null;
  credential_type: WebhookCredentialType;
  /** The fields of its type as JSON, encrypted with AES-256-GCM. */
  data: string;
  created_at: string;
  updated_at: string | null;
}

/** A subscription to events. */
export interface HookTable {
  id: Generated<number>;
  organization_id: number;
  /** Null for the calls of every agent. */
  agent_id: number | null;
  /** A JSON array of distinct `WebhookEvent`s, in the contract's order. */
  events: string;
  target_url: string;
  created_at: string;
  /** The key with the scope `trigger` that subscribed, to events of its own calls alone; null: all calls. */
  api_key_id: number | null;
}

/** When an organization last sent a test event. */
export interface HookTestTable {
  organization_id: number;
  tested_at: string;
}

/** The callback URLs of a run, one row each: repeats of a request may add further ones. */
export interface CallbackUrlTable {
  run_id: number;
  url: string;
}

/** The outbox: one row per event and receiver. */
export interface WebhookDeliveryTable {
  id: Generated<number>;
  /** The same at every attempt. */
  uuid: string;
  organization_id: number;
  run_id: number;
  source: DeliverySource;
  hook_id: number | null;
  /** Organization and host. Deliveries with the same value share the limits of one receiver. */
  receiver: string;
  status: DeliveryStatus;
  attempt_count: number;
  /** The number of attempts before it was last resent by hand. The retry schedule counts from there. */
  attempts_before_retry: number;
  /**
   * The time of the next attempt. While an attempt is under way: when it counts as lost. Null when no attempt will
   * follow, and while it waits for an earlier event.
   */
  next_attempt_at: string | null;
  /** 1 from when it was found due until an attempt begins. The index of due deliveries holds only such rows. */
  is_due: Generated<number>;
  created_at: string;
  completed_at: string | null;
  /** `DeliveryRequest` as JSON. */
  request: string;
  /** Null until the first attempt renders the body; empty for a method without a body. */
  body: string | null;
}

/** Inserted when the attempt begins. It has neither a status code nor an error until the attempt has ended. */
export interface WebhookAttemptTable {
  id: Generated<number>;
  delivery_id: number;
  number: number;
  started_at: string;
  duration_milliseconds: number;
  status_code: number | null;
  error: string | null;
  response: string | null;
  /** By lower-case name, as JSON, without the values of secrets; null: nothing was sent, or older than this column. */
  sent_headers: string | null;
}
