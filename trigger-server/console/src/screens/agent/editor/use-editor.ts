import type { Agent, JsonValue } from '@dograh-trigger/shared';
import { useMemo, useReducer } from 'react';
import { setEdgeField, setNodeField, type AgentContent } from '../model/content';
import { beginEditing, isDirty, reduceEditor } from './editor-state';

export interface Editor {
  /** The agent that the changes are based on. */
  base: Agent;
  saved: AgentContent;
  content: AgentContent;
  isDirty: boolean;
  canUndo: boolean;
  canRedo: boolean;
  unparsed: ReadonlyMap<string, string>;
  /** @param burst changes in a row with the same name are one step of undo. */
  edit: (change: (content: AgentContent) => AgentContent, burst?: string) => void;
  setNodeField: (id: string, field: string, value: JsonValue | undefined) => void;
  setEdgeField: (id: string, field: string, value: JsonValue | undefined) => void;
  undo: () => void;
  redo: () => void;
  keepUnparsed: (key: string, text: string | null) => void;
  /** The server has taken `sent` and now has `agent`. */
  adopt: (agent: Agent, sent: AgentContent) => void;
  /** Keeps what is on the screen, as a change of `agent`. */
  rebase: (agent: Agent) => void;
}

/** @param agent as the server has it; a newer one replaces what is on the screen unless there are changes. */
export function useEditor(agent: Agent): Editor {
  const [state, dispatch] = useReducer(reduceEditor, agent, beginEditing);
  if (state.seen !== agent) dispatch({ kind: 'read', agent });
  const actions = useMemo(() => {
    const edit: Editor['edit'] = (change, burst) => dispatch({ kind: 'edit', change, burst: burst ?? null });
    return {
      edit,
      setNodeField: (id: string, field: string, value: JsonValue | undefined) =>
        edit((content) => setNodeField(content, id, field, value), `node ${id} ${field}`),
      setEdgeField: (id: string, field: string, value: JsonValue | undefined) =>
        edit((content) => setEdgeField(content, id, field, value), `edge ${id} ${field}`),
      undo: () => dispatch({ kind: 'undo' }),
      redo: () => dispatch({ kind: 'redo' }),
      keepUnparsed: (key: string, text: string | null) => dispatch({ kind: 'unparsed', key, text }),
      adopt: (newer: Agent, sent: AgentContent) => dispatch({ kind: 'saved', agent: newer, sent }),
      rebase: (newer: Agent) => dispatch({ kind: 'rebase', agent: newer }),
    };
  }, []);
  return {
    ...actions,
    base: state.base,
    saved: state.saved,
    content: state.history.present,
    isDirty: isDirty(state),
    canUndo: state.history.past.length > 0,
    canRedo: state.history.future.length > 0,
    unparsed: state.unparsed,
  };
}
