/** A text chat in the form of Dograh's API. */
import { textChatMode, type JsonObject, type TextChat, type TextChatTurn } from '@dograh-trigger/shared';
import type { Message } from '../engine/port';
import { newTalk, type TalkState } from '../engine/state';
import { initialContext } from '../../runs/prompt-context';
import type { RunRow } from '../../runs/runs';
import type { ChatRow } from './store';
import { anchorOf, type StoredChat, type StoredTurn } from './stored-chat';

export function presentChat(run: RunRow, row: ChatRow): TextChat {
  const chat = JSON.parse(row.chat) as StoredChat;
  const isCompleted = run.completed_at !== null;
  const anchor = anchorOf(chat);
  return {
    workflow_run_id: run.id,
    workflow_id: run.agent_id,
    name: run.name,
    mode: textChatMode,
    state: isCompleted ? 'completed' : 'running',
    is_completed: isCompleted,
    revision: row.revision,
    initial_context: initialContext(run),
    gathered_context: JSON.parse(run.gathered_context) as JsonObject,
    annotations: JSON.parse(row.annotations) as JsonObject,
    session_data: {
      version: 1,
      status: chat.status,
      cursor_turn_id: chat.cursor,
      turns: chat.turns.map(presentTurn),
      discarded_future: chat.discarded.map(({ turns, ...discarded }) => ({
        ...discarded,
        turns: turns.map(presentTurn),
      })),
      simulator: { enabled: false, config: {} },
    },
    checkpoint: checkpointOf(anchor?.id ?? null, anchor?.state ?? newTalk()),
    created_at: run.created_at,
    updated_at: row.updated_at,
  };
}

function presentTurn(turn: StoredTurn): TextChatTurn {
  return {
    id: turn.id,
    status: turn.status,
    created_at: turn.created_at,
    user_message: turn.user_message,
    assistant_message: turn.assistant_message,
    events: turn.events,
    usage: { llm: turn.llm, tts: {}, stt: {}, call_duration_seconds: turn.seconds },
    checkpoint_after_turn: turn.state === null ? null : checkpointOf(turn.id, turn.state),
  };
}

function checkpointOf(turnId: string | null, state: TalkState): TextChat['checkpoint'] {
  return {
    version: 1,
    anchor_turn_id: turnId,
    current_node_id: state.nodeId,
    messages: state.messages.map(presentMessage),
    gathered_context: state.gathered,
    tool_state: {},
  };
}

/** As chat completions have it. */
function presentMessage(message: Message): JsonObject {
  if (message.role === 'user') return { ...message };
  if (message.role === 'tool')
    return { role: 'tool', tool_call_id: message.callId, content: message.content };
  const calls = (message.calls ?? []).map(({ id, name, arguments: args }) => ({
    id,
    type: 'function',
    function: { name, arguments: JSON.stringify(args ?? {}) },
  }));
  return {
    role: 'assistant',
    content: message.content,
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}
