/** A conversation that this server holds through a carrier: what is heard goes up, and what is said next comes back. */
import type { Conversation } from './report';

/** What came from the callee since the last turn. */
export type FromCallee =
  | { kind: 'opening' }
  /** `confidence` 0 to 1, where the recognition says it. */
  | { kind: 'said'; text: string; confidence?: number }
  | { kind: 'silence' }
  | { kind: 'hung_up' };

/** What the carrier does next. */
export interface TalkReply {
  say: readonly string[];
  then: 'listen' | 'hang_up';
  /** Set when the callee may interrupt what is said. */
  isInterruptible?: true;
}

/** How far the conversation of a call has come. */
export interface TalkProgress {
  /** The next turn; 0 is the opening. */
  turn: number;
  /** The reply of the turn before; null before the opening. */
  reply: TalkReply | null;
  /** What a callee says that is only played: the lines of the call, or of its agent. */
  calleeSays: readonly string[];
}

/** The results of a conversation that is over. */
export interface TalkEnd {
  conversation: Conversation;
  hungUpBy: 'callee' | 'agent';
  /** What went wrong; null: nothing. */
  error: string | null;
}

/** What a frame of the carrier says. */
export type FromRelay =
  /** The first frame. `callId` is the carrier's own id of the call; null: it names none. */
  | { kind: 'begun'; callId: string | null }
  /** `isWhole`: false for a guess, which a later frame replaces. */
  | { kind: 'said'; text: string; isWhole: boolean }
  /** The callee has cut us off; `spoken` are the words that were heard until then. */
  | { kind: 'interrupted'; spoken: string }
  | { kind: 'digit'; digit: string }
  /** The carrier could not do something. */
  | { kind: 'fault' }
  /** A frame that changes nothing. */
  | { kind: 'other' };

/**
 * A conversation over a WebSocket that the carrier opens to us: it recognises speech and speaks, and frames of text go to
 * and fro.
 */
export interface Relay<Configuration> {
  /** Whether the calls of this account talk by relay. */
  isChosen(configuration: Configuration): boolean;
  /** Null for a frame that cannot be read. */
  read(frame: string): FromRelay | null;
  /** The frame that says a piece of text. @param isLast whether nothing follows until the callee has spoken. */
  say(piece: { text: string; isLast: boolean; isInterruptible: boolean }): string;
  /** The frame with which we end it. */
  end(): string;
  /** Whether a report of purpose `relay_end` is about one that we have ended, after everything was said. */
  wasEnded(report: { body: Buffer }): boolean;
}
