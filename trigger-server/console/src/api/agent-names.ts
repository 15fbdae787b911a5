/** The names of agents: for a choice of one, and for a call that only has its agent's id. */
import type { AgentListItem } from '@dograh-trigger/shared';
import { useQuery } from '@tanstack/react-query';
import { api } from './http';

/** Empty until they are read. @param of `active`: those that may be called; `all`: archived ones, too. */
export function useAgentNames(of: 'active' | 'all'): Pick<AgentListItem, 'id' | 'name'>[] {
  const { data } = useQuery({
    queryKey: ['agent-names', of],
    queryFn: ({ signal }) =>
      api<Pick<AgentListItem, 'id' | 'name'>[]>('GET', '/workflow/summary', {
        query: { status: of === 'all' ? undefined : of },
        signal,
      }),
    // Names change seldom.
    staleTime: 60_000,
  });
  return data ?? [];
}
