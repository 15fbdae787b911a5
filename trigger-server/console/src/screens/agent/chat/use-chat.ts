/** A text chat with the saved draft of an agent. */
import type { TextChat } from '@dograh-trigger/shared';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, ApiError } from '../../../api/http';
import { runKeys } from '../../../api/live';
import { afterReply } from './shown-chat';

export interface Chat {
  /** Null before the first one. */
  shown: TextChat | null;
  /** What was sent and is not answered yet. */
  waiting: string | null;
  isStarting: boolean;
  error: Error | null;
  start: () => void;
  /** @param onAnswered called when the answer is there. */
  send: (text: string, onAnswered: () => void) => void;
}

export function useChat(agentId: number): Chat {
  const base = `/workflow/${agentId}/text-chat/sessions`;
  const queries = useQueryClient();
  const [shown, setShown] = useState<TextChat | null>(null);
  const showReply = (reply: TextChat) => setShown((current) => afterReply(current, reply));
  const answer = useMutation({
    mutationFn: async ({ text, chat }: { text: string; chat: TextChat }) => {
      const one = `${base}/${chat.workflow_run_id}`;
      try {
        const body = { text, expected_revision: chat.revision };
        return await api<TextChat>('POST', `${one}/messages`, { body });
      } catch (error) {
        // Without an answer the revision stays: the same message, sent again, then gets the same reply.
        if (error instanceof ApiError && error.status !== 0)
          await api<TextChat>('GET', one).then(showReply, () => undefined);
        throw error;
      }
    },
    onSuccess: showReply,
  });
  const start = useMutation({
    mutationFn: (former: TextChat | null) => {
      // One that cannot be ended now, because a turn of it is under way, ends by itself later.
      if (former?.is_completed === false)
        api('POST', `${base}/${former.workflow_run_id}/end`, { body: {} }).catch(() => undefined);
      return api<TextChat>('POST', base, { body: {} });
    },
    onMutate: () => {
      answer.reset();
      setShown(null);
    },
    onSuccess: setShown,
    onSettled: () => queries.invalidateQueries({ queryKey: runKeys.list }),
  });
  return {
    shown,
    waiting: answer.isPending ? answer.variables.text : null,
    isStarting: start.isPending,
    error: start.error ?? answer.error,
    start: () => start.mutate(shown),
    send: (text, onAnswered) => {
      if (shown !== null) answer.mutate({ text, chat: shown }, { onSuccess: onAnswered });
    },
  };
}
