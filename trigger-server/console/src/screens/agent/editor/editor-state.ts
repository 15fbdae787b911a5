/** The state of an editor: the agent as the server has it, what is on the screen, and the steps between. */
import type { Agent } from '@dograh-trigger/shared';
import { contentOfAgent, isSameContent, withSavedTriggerPaths, type AgentContent } from '../model/content';
import { beginHistory, record, redo, replacePresent, undo, type History } from '../model/history';

export interface EditorState {
  /** The agent that the changes are based on; its revision goes with the next save. */
  base: Agent;
  saved: AgentContent;
  history: History<AgentContent>;
  /** The latest agent that was read, whether or not it became the base. */
  seen: Agent;
  /** Texts that are not JSON yet, by node and field. They are kept here until they are, and prevent saving. */
  unparsed: ReadonlyMap<string, string>;
}

export type EditorAction =
  | { kind: 'edit'; change: (content: AgentContent) => AgentContent; burst: string | null }
  | { kind: 'undo' }
  | { kind: 'redo' }
  | { kind: 'unparsed'; key: string; text: string | null }
  /** The server was asked again. */
  | { kind: 'read'; agent: Agent }
  /** The server has taken `sent`. */
  | { kind: 'saved'; agent: Agent; sent: AgentContent }
  /** The user chose what to do about another browser's save: keep the own content, based on theirs. */
  | { kind: 'rebase'; agent: Agent };

export function beginEditing(agent: Agent): EditorState {
  const saved = contentOfAgent(agent);
  return { base: agent, saved, history: beginHistory(saved), seen: agent, unparsed: new Map() };
}

export function isDirty({ saved, history, unparsed }: EditorState): boolean {
  return unparsed.size > 0 || !isSameContent(saved, history.present);
}

export function reduceEditor(state: EditorState, action: EditorAction): EditorState {
  const { history } = state;
  switch (action.kind) {
    case 'edit':
      return { ...state, history: record(history, action.change(history.present), action.burst) };
    case 'undo':
      return { ...state, history: undo(history), unparsed: new Map() };
    case 'redo':
      return { ...state, history: redo(history), unparsed: new Map() };
    case 'unparsed':
      return { ...state, unparsed: withText(state.unparsed, action.key, action.text) };
    case 'read':
      return arrived({ ...state, seen: action.agent }, action.agent);
    case 'saved':
      return saved(state, action.agent, action.sent);
    case 'rebase':
      return { ...state, base: action.agent, saved: contentOfAgent(action.agent) };
  }
}

/** Another browser's save is shown at once where nothing would be lost; else the next save asks. */
function arrived(state: EditorState, agent: Agent): EditorState {
  if (isDirty(state)) return state;
  const content = contentOfAgent(agent);
  const isNew = !isSameContent(content, state.history.present);
  return {
    ...state,
    base: agent,
    saved: content,
    history: isNew ? record(state.history, content) : state.history,
  };
}

function saved(state: EditorState, agent: Agent, sent: AgentContent): EditorState {
  const content = contentOfAgent(agent);
  const { present } = state.history;
  const next = present === sent ? content : withSavedTriggerPaths(present, content);
  return { ...state, base: agent, saved: content, history: replacePresent(state.history, next) };
}

function withText(texts: ReadonlyMap<string, string>, key: string, text: string | null): Map<string, string> {
  const changed = new Map(texts);
  if (text === null) changed.delete(key);
  else changed.set(key, text);
  return changed;
}
