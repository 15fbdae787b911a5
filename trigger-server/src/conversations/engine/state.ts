/** A conversation between two turns: JSON, so that any process can continue it. */
import type { JsonObject } from '@dograh-trigger/shared';
import type { EndReason, Message } from './port';

export interface TalkState {
  /** The turns that were computed; the opening is turn 0. */
  turns: number;
  /** Null before the opening. */
  nodeId: string | null;
  /** The history, to which is only appended; an interruption shortens the last message of the assistant. */
  messages: Message[];
  /** As in the run's `gathered_context`. */
  gathered: JsonObject;
  /** Silences since something was heard. */
  silences: number;
  /** Sounds without words since something was heard. */
  noises: number;
  /** Turns in a row in which the model failed. */
  failures: number;
  /** Counted by the model, over all requests. */
  tokens: number;
  /** The reason of the end; null while it goes on. */
  ended: EndReason | null;
}

export function newTalk(): TalkState {
  return {
    turns: 0,
    nodeId: null,
    messages: [],
    gathered: {},
    silences: 0,
    noises: 0,
    failures: 0,
    tokens: 0,
    ended: null,
  };
}
