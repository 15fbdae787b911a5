/** What the engine of a conversation hears, asks and answers. Nothing here knows a carrier, a clock or a database. */
import type { JsonObject } from '@dograh-trigger/shared';

/** Why a conversation ended, in Dograh's words. */
export type EndReason =
  | 'user_qualified'
  | 'end_call_tool'
  | 'transfer_call'
  | 'user_idle_max_duration_exceeded'
  | 'call_duration_exceeded'
  | 'user_hangup'
  | 'pipeline_error'
  // This server's words: the call was canceled; nothing says how it ended.
  | 'canceled'
  | 'error';

/** What came from the other side since the last turn. */
export type Heard =
  | { kind: 'opening' }
  /** `confidence` 0 to 1, where the recognition says it. `isTyped`: every text is meant, also one without a word. */
  | { kind: 'said'; text: string; confidence?: number; isTyped?: boolean }
  | { kind: 'silence' }
  /** Our speech was cut off; `spoken` are the words that were heard of it. */
  | { kind: 'interrupted'; spoken: string }
  /** `to`: the number, masked. */
  | { kind: 'transferred'; to: string }
  | { kind: 'transfer_failed'; reason: string; to?: string }
  /** `reason`: why the call is over, where that was not the callee. */
  | { kind: 'hung_up'; reason?: EndReason };

/** A call of a function by the model. */
export interface FunctionCall {
  id: string;
  name: string;
  /** Null when the model's text was not a JSON object. */
  arguments: JsonObject | null;
}

/** One message of the history, as chat completions have it. The system prompt is no part of it. */
export type Message =
  | { role: 'user'; content: string }
  | { role: 'assistant'; content: string | null; calls?: readonly FunctionCall[] }
  /** `content` is JSON text. */
  | { role: 'tool'; callId: string; content: string };

/** A function that the model may call. */
export interface OfferedFunction {
  name: string;
  description: string;
  /** A JSON Schema of type `object`. */
  parameters: JsonObject;
}

export interface ModelRequest {
  system: string;
  messages: readonly Message[];
  functions: readonly OfferedFunction[];
  /** False for an extraction, which is one complete answer. */
  streamed: boolean;
}

/** Tokens as the endpoint counted them, or as we estimated them where it said nothing. */
export interface TokenUsage {
  promptTokens: number;
  completionTokens: number;
  cachedTokens: number | null;
}

export interface ModelReply {
  /** Empty when the model only called functions. */
  text: string;
  calls: readonly FunctionCall[];
  usage: TokenUsage;
  /** The model's name as the endpoint gave it. */
  model: string;
  /** From the request to the first chunk with a choice. */
  firstWordsMilliseconds: number;
}

/** A language model. */
export interface Model {
  /**
   * Asks once. Short, safe repeats before the first word are the model's own affair.
   * @param onText called with each piece of text as it comes, in order. @param signal ends the request; its reason is a
   * ModelFailure.
   * @throws ModelFailure when there is no complete reply.
   */
  reply(request: ModelRequest, onText?: (text: string) => void, signal?: AbortSignal): Promise<ModelReply>;
}

/** No complete reply came from the model. Its message is for the operator and holds no prompt, no words and no key. */
export class ModelFailure extends Error {
  constructor(
    message: string,
    readonly reason: 'unreachable' | 'refused' | 'busy' | 'stalled' | 'cut_off' | 'unreadable',
  ) {
    super(message);
    this.name = 'ModelFailure';
  }
}
