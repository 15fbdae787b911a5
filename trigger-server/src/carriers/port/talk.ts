/** A conversation that this server holds through a carrier: what is heard goes up, and what is said next comes back. */
import type { Instruction } from './instructions';
import type { Conversation } from './report';

/** What came from the callee since the last turn. */
export type FromCallee =
  | { kind: 'opening' }
  /** `confidence` 0 to 1, where the recognition says it. */
  | { kind: 'said'; text: string; confidence?: number }
  | { kind: 'silence' }
  /** Our speech was cut off; `spoken` are the words that were heard of it. */
  | { kind: 'interrupted'; spoken: string }
  | TransferEnd
  | { kind: 'hung_up' };

/**
 * What became of a transfer. `isOver`: the callee and the person that it was transferred to have hung up; false: they talk.
 */
export type TransferEnd =
  { kind: 'transferred'; isOver: boolean } | { kind: 'transfer_failed'; reason: TransferFailure };

/** Dograh's words. */
export type TransferFailure = 'busy' | 'no_answer' | 'call_failed';

/** What the carrier does next. */
export interface TalkReply {
  say: readonly string[];
  /** A transfer to this number in E.164, which may be called, rings for so long at most. */
  then: 'listen' | 'hang_up' | { transferTo: string; timeoutSeconds: number };
  /** Set when the callee may interrupt what is said. */
  isInterruptible?: true;
}

/** A question of a carrier that is only commanded: what to do next in a conversation. */
export interface AskedTurn {
  turn: number;
  /** Null: what was heard in this turn before. */
  heard: FromCallee | null;
  /** Whether it was asked for this turn before, so that no filler is due. */
  isRepeated: boolean;
}

/** The instructions of a turn, or those that let the callee wait for them. */
export interface NextInstructions {
  /** The last one is `gather`, `go_on`, `transfer` or `hang_up`. */
  instructions: readonly Instruction[];
  /** The turn in which something is heard or asked for next. */
  turn: number;
  /** The report URL at which the document of these instructions can be requested, such as their sound. */
  url: string;
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
  /** Whether a report says that the carrier begins to speak `closing`. Absent: it is never told to. */
  isClosing?(report: { body: Buffer }): boolean;
  /** Whether a report of purpose `relay_end` is about one that we have ended, after everything was said. */
  wasEnded(report: { body: Buffer }): boolean;
}
