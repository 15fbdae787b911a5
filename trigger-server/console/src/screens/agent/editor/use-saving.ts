/** Saving the draft, publishing it, and what happens when another browser has saved it meanwhile. */
import type { Agent } from '@dograh-trigger/shared';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, ApiError } from '../../../api/http';
import { useToast } from '../../../ui/toast';
import { contentOfAgent, type AgentContent } from '../model/content';
import { agentKeys, readAgent } from './queries';
import type { Editor } from './use-editor';

export interface Saving {
  isPending: boolean;
  /** The latest refusal and what it was about; null after a success. */
  refused: { error: unknown; content: AgentContent } | null;
  /** The agent as another browser has saved it, while the user has not decided yet. */
  conflict: Agent | null;
  /** @throws ApiError for a refusal, which `refused` and `conflict` then show too. */
  save: () => Promise<void>;
  rename: (name: string) => Promise<void>;
  /**
   * Saves what is not saved yet, then publishes. Nothing is published when another browser has saved meanwhile: then
   * `conflict` shows it. @throws ApiError for any other refusal.
   */
  publish: () => Promise<void>;
  keepEditing: () => void;
  /** Shows the other browser's content. Undo brings the own one back. */
  takeTheirs: () => void;
  /** Keeps the own content; the next save replaces theirs. */
  keepMine: () => void;
}

export function useSaving(editor: Editor): Saving {
  const queries = useQueryClient();
  const toast = useToast();
  const [isPending, setPending] = useState(false);
  const [refused, setRefused] = useState<Saving['refused']>(null);
  const [conflict, setConflict] = useState<Agent | null>(null);
  const { id } = editor.base;

  async function refuse(error: unknown, content: AgentContent): Promise<void> {
    setRefused({ error, content });
    if (isConflict(error)) setConflict(await readAgent(id));
  }

  async function put(changes: object, sent: AgentContent): Promise<Agent> {
    setPending(true);
    try {
      const { revision } = editor.base;
      const saved = await api<Agent>('PUT', `/workflow/${id}`, { body: { ...changes, revision } });
      editor.adopt(queries.setQueryData<Agent>(agentKeys.content(id), saved) ?? saved, sent);
      setRefused(null);
      void queries.invalidateQueries({ queryKey: agentKeys.report(id) });
      void queries.invalidateQueries({ queryKey: agentKeys.versions(id) });
      return saved;
    } catch (error) {
      await refuse(error, sent);
      throw error;
    } finally {
      setPending(false);
    }
  }

  async function save(): Promise<Agent> {
    const { content, saved, unparsed } = editor;
    if (unparsed.size > 0) {
      const error = new Error('A field is not JSON yet, so nothing was saved. It is marked in its node.');
      setRefused({ error, content });
      throw error;
    }
    return put(changedParts(saved, content), content);
  }

  async function publish(): Promise<void> {
    const { revision } = editor.isDirty ? await save() : editor.base;
    try {
      await api('POST', `/workflow/${id}/publish`, { query: { revision } });
    } catch (error) {
      if (isConflict(error)) await refuse(error, editor.content);
      throw error;
    }
    await queries.invalidateQueries({ queryKey: agentKeys.all(id) });
    toast('Published. Both trigger URLs run this version now.');
  }

  return {
    isPending,
    refused,
    conflict,
    save: async () => {
      await save();
      toast('Saved as the draft.');
    },
    rename: async (name) => {
      await put({ name }, editor.saved);
    },
    publish: async () => {
      try {
        await publish();
      } catch (error) {
        if (!isConflict(error)) throw error;
      }
    },
    keepEditing: () => setConflict(null),
    takeTheirs: () => {
      if (conflict === null) return;
      queries.setQueryData(agentKeys.content(id), conflict);
      editor.edit(() => contentOfAgent(conflict));
      editor.rebase(conflict);
      setConflict(null);
      setRefused(null);
    },
    keepMine: () => {
      if (conflict === null) return;
      editor.rebase(conflict);
      setConflict(null);
      setRefused(null);
    },
  };
}

function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'draft_changed';
}

/** The parts that differ: what the user did not touch is not sent. */
function changedParts(saved: AgentContent, content: AgentContent): object {
  const differs = (part: keyof AgentContent) => JSON.stringify(saved[part]) !== JSON.stringify(content[part]);
  return {
    ...(differs('definition') ? { workflow_definition: content.definition } : {}),
    ...(differs('configurations') ? { workflow_configurations: content.configurations } : {}),
    ...(differs('testValues') ? { template_context_variables: content.testValues } : {}),
  };
}
