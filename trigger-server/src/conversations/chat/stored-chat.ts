/** A text chat as it is stored: its turns, each with the state of the conversation after it. */
import type { JsonObject, TextChatEvent } from '@dograh-trigger/shared';
import { newTalk, type TalkState } from '../engine/state';

interface Utterance {
  text: string;
  created_at: string;
}

export interface StoredTurn {
  id: string;
  status: 'pending' | 'completed' | 'failed';
  created_at: string;
  /** Null for the opening. */
  user_message: Utterance | null;
  assistant_message: Utterance | null;
  events: TextChatEvent[];
  /** `usage_info.llm` of this turn. */
  llm: JsonObject;
  /** Since the chat was created. */
  seconds: number | null;
  /** Null unless it is completed. */
  state: TalkState | null;
  /** The revision that its message came to. */
  fromRevision: number;
  /** Why it failed, in words. */
  error: string | null;
}

export interface StoredChat {
  status: 'idle' | 'pending_assistant_turn' | 'rewound' | 'error' | 'completed';
  /** The turn after which the next one comes; null: the last one. */
  cursor: string | null;
  turns: StoredTurn[];
  discarded: { rewound_from_turn_id: string; discarded_at: string; turns: StoredTurn[] }[];
  /** Of all turns, also those that were discarded or failed: a rewind gives none back. */
  tokens: number;
  /** How long it may be without a message. */
  idleSeconds: number;
}

/** Of a chat, with those that were discarded. Its row grows with each. */
export const mostTurns = 200;

/** Of a chat as it is stored, before a further turn. Each turn holds the history up to it. */
export const mostChatCharacters = 2 * 1024 * 1024;

/** @param message null for the opening. */
export function withNewTurn(
  chat: StoredChat,
  turn: { id: string; message: string | null; fromRevision: number; at: Date },
): StoredChat {
  const at = turn.at.toISOString();
  const added: StoredTurn = {
    id: turn.id,
    status: 'pending',
    created_at: at,
    user_message: turn.message === null ? null : { text: turn.message, created_at: at },
    assistant_message: null,
    events: [],
    llm: {},
    seconds: null,
    state: null,
    fromRevision: turn.fromRevision,
    error: null,
  };
  const kept = cutAtCursor(chat, turn.at);
  return { ...kept, status: 'pending_assistant_turn', cursor: added.id, turns: [...kept.turns, added] };
}

/** The turns up to the cursor. */
function currentTurns({ cursor, turns }: StoredChat): StoredTurn[] {
  const index = cursor === null ? -1 : turns.findIndex(({ id }) => id === cursor);
  return index === -1 ? turns : turns.slice(0, index + 1);
}

/** The last completed turn up to the cursor. */
export function anchorOf(chat: StoredChat): StoredTurn | null {
  return currentTurns(chat).findLast(({ state }) => state !== null) ?? null;
}

/** Where the conversation stands. */
export function stateOf(chat: StoredChat): TalkState {
  return { ...(anchorOf(chat)?.state ?? newTalk()), tokens: chat.tokens };
}

/** How many turns it has ever had. */
export function countTurns({ turns, discarded }: StoredChat): number {
  return discarded.reduce((sum, { turns: others }) => sum + others.length, turns.length);
}

/** Without the turns after the cursor, which a new turn replaces. */
function cutAtCursor(chat: StoredChat, at: Date): StoredChat {
  const kept = currentTurns(chat);
  const cut = chat.turns.slice(kept.length);
  const from = kept.at(-1);
  if (cut.length === 0 || from === undefined) return chat;
  return {
    ...chat,
    turns: kept,
    discarded: [
      ...chat.discarded,
      { rewound_from_turn_id: from.id, discarded_at: at.toISOString(), turns: cut },
    ],
  };
}

/** With other values for its last turn. */
export function withLastTurn(chat: StoredChat, change: Partial<StoredTurn>): StoredChat {
  const last = chat.turns.at(-1);
  return last === undefined ? chat : { ...chat, turns: [...chat.turns.slice(0, -1), { ...last, ...change }] };
}
