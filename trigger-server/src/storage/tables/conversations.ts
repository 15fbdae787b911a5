import type { ToolStatus, ToolType } from '@dograh-trigger/shared';
import type { Generated } from 'kysely';

/** The conversation of an attempt, between two turns. */
export interface TalkTable {
  run_id: number;
  attempt: number;
  /** The next turn; 0 is the opening. */
  turn: number;
  /** `TalkState` as JSON. */
  state: string;
  /** The values that were extracted by now, as a JSON object. */
  extracted: string;
  /** `ExtractionTask[]` as JSON: what is to be extracted yet. */
  pending: string;
  /** `StoredReply` of the turn before, as JSON; null before the opening. */
  reply: string | null;
  /** `Heard` of the turn that is under way, as JSON; null: none is. */
  heard: string | null;
  /** Names the computation of the next turn that is under way; null: none is. */
  claim: string | null;
  /** The process (`processes.id`) of that computation. */
  claimed_by: string | null;
  /** By the steady clock. After that, another process may compute the turn. */
  claimed_until: string | null;
  /** Names the extraction of values that is under way; null: none is. */
  values_claim: string | null;
  /** As `claimed_by`. */
  values_claimed_by: string | null;
  /** As `claimed_until`. */
  values_claimed_until: string | null;
  /** When the carrier has opened the relay of this conversation; null: it has not. A relay is opened once. */
  relayed_at: string | null;
}

/** A text chat: what its run does not have. */
export interface TextChatTable {
  run_id: number;
  /** Grows with every write that the API shows. */
  revision: number;
  /** `StoredChat` as JSON: its turns, and where it goes on. */
  chat: string;
  /** As JSON. */
  annotations: string;
  /** Names the computation that is under way; null: none is. */
  claim: string | null;
  /** The process (`processes.id`) of that computation. */
  claimed_by: string | null;
  /** By the steady clock. After that, the claim counts no more. */
  claimed_until: string | null;
  /** When it is ended for want of messages, by the steady clock; null: it has ended. */
  idle_at: string | null;
  updated_at: string;
}

/** What a language model may do in the middle of a call. Tools are archived, and never deleted. */
export interface ToolTable {
  id: Generated<number>;
  uuid: string;
  organization_id: number;
  name: string;
  description: string | null;
  /** The type of its first definition. */
  category: ToolType;
  icon: string;
  icon_color: string;
  status: ToolStatus;
  /** The user who made it; null: a key without a user. */
  created_by: number | null;
  created_at: string;
  updated_at: string | null;
  /** A `ToolDefinition` as JSON. It holds no secret: those are in stored credentials. */
  definition: string;
}

/** Which language model an organization has configured for its conversations. */
export interface ModelConfigurationTable {
  id: Generated<number>;
  organization_id: number;
  /** `ModelConfiguration` as JSON, with its keys, sealed. */
  configuration: string;
  updated_at: string;
}
