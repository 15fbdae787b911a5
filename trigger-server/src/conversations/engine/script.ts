/** What a conversation follows, and what comes of a turn. */
import type { AgentDefinition, JsonObject } from '@dograh-trigger/shared';
import type { Model, TokenUsage } from './port';
import type { Limits } from './limits';
import type { TalkState } from './state';
import type { Tool, ToolRunner } from './tools';

/** Sentences that are said without the model, in the language of the call. */
export interface Phrases {
  /** Said once in a turn, when the first words are late. */
  filler: string;
  /** Asks to repeat, after a turn in which the model failed. */
  apology: string;
  /** Before the call is ended because the model keeps failing, or a limit is reached. */
  closing: string;
  /** Where the model should have said goodbye and did not. */
  goodbye: string;
}

export interface Script {
  definition: AgentDefinition;
  /** The active tools that nodes of the definition refer to, in the order in which they are offered. */
  tools: readonly Tool[];
  /** The initial context, flat. */
  context: JsonObject;
  phrases: Phrases;
  limits: Limits;
  /** Whether the carrier of the call can hand the callee over to a person. */
  canTransfer: boolean;
  /** For `{{current_time}}`. */
  now: Date;
}

export interface Ports {
  model: Model;
  tools: ToolRunner;
  /** For a function call whose id is missing or was used before. */
  newId: () => string;
  /** Called with each event when it happens, in order; `rtf-bot-text` has what to say. */
  onEvent?: (event: TalkEvent) => void;
  /**
   * For a listener who hears a turn while it is computed: called with every piece of the texts of the result, in
   * order. One that goes on with a text begins with white space. Absent: only the result is said.
   */
  say?: (piece: string, isInterruptible: boolean) => void;
  /**
   * Calls back once when the first words of a request are late, at a time that its owner chooses. @returns stops the wait.
   */
  whenLate?: (callback: () => void) => () => void;
  /** The end of the time that the turn has. Its reason is a ModelFailure. */
  signal?: AbortSignal;
  /** Called with an error of the model that is no ModelFailure: a fault of this server. */
  onFault?: (error: unknown) => void;
}

/** An event of the run's log, without its time. */
export interface TalkEvent {
  type: string;
  payload: JsonObject;
  nodeId: string | null;
  nodeName: string | null;
}

/** A node was left, so its variables are to be extracted: from the first `messages` messages of the history. */
export interface ExtractionTask {
  nodeId: string;
  messages: number;
}

/** The callee is handed over: to this number, or to the one that this tool chooses by what is known of the call. */
export type Transfer = ({ transferTo: string } | { transferBy: string }) & { timeoutSeconds: number };

export interface TurnResult {
  /** A new object: the state that was given is not changed. */
  state: TalkState;
  say: string[];
  then: 'listen' | 'hang_up' | Transfer;
  /** Set when the conversation has ended. */
  disposition: string | null;
  events: TalkEvent[];
  extractions: ExtractionTask[];
  /** One entry a request. */
  usage: (TokenUsage & { model: string })[];
}
