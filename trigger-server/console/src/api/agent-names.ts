/** The names of all agents, archived ones too: for a choice of one, and for a call that only has its agent's id. */
import type { AgentListItem } from '@dograh-trigger/shared';
import { useQuery } from '@tanstack/react-query';
import { api } from './http';

/** Empty until they are read. */
export function useAgentNames(): Pick<AgentListItem, 'id' | 'name'>[] {
  const { data } = useQuery({
    queryKey: ['agent-names'],
    queryFn: ({ signal }) =>
      api<Pick<AgentListItem, 'id' | 'name'>[]>('GET', '/workflow/summary', { signal }),
    // Names change seldom.
    staleTime: 60_000,
  });
  return data ?? [];
}
