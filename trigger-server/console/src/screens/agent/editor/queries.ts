/** What the screen reads of an agent. */
import type { Agent, AgentVersion, DefinitionReport, NodeSpec } from '@dograh-trigger/shared';
import { useQuery } from '@tanstack/react-query';
import { api, ApiError } from '../../../api/http';
import { reportIn } from '../model/faults';
import type { NodeSpecs } from '../model/graph-rules';

/** Every query of the agent begins with this key. */
export const agentKeys = {
  all: (id: number) => ['agents', id],
  content: (id: number) => ['agents', id, 'content'],
  versions: (id: number) => ['agents', id, 'versions'],
  report: (id: number) => ['agents', id, 'report'],
};

/** More than are ever compared; older ones are in the API. */
const shownVersions = 50;

export function readAgent(id: number): Promise<Agent> {
  return api<Agent>('GET', `/workflow/fetch/${id}`);
}

export function useAgent(id: number) {
  return useQuery({ queryKey: agentKeys.content(id), queryFn: () => readAgent(id) });
}

export function useVersions(id: number) {
  return useQuery({
    queryKey: agentKeys.versions(id),
    queryFn: () =>
      api<AgentVersion[]>('GET', `/workflow/${id}/versions`, { query: { limit: shownVersions } }),
  });
}

/** A version whose texts the list left out is read alone. @param offset its place in the list, from 0. */
export async function readVersion(id: number, offset: number): Promise<AgentVersion> {
  const [version] = await api<AgentVersion[]>('GET', `/workflow/${id}/versions`, {
    query: { limit: 1, offset },
  });
  if (version === undefined) throw new Error('This version is not there any more.');
  return version;
}

export function useNodeSpecs() {
  return useQuery({
    queryKey: ['node-types'],
    staleTime: Infinity,
    queryFn: async (): Promise<NodeSpecs> => {
      const { node_types: specs } = await api<{ node_types: NodeSpec[] }>('GET', '/node-types');
      return new Map(specs.map((spec) => [spec.name, spec]));
    },
  });
}

/** What would prevent the saved draft from being published, and warnings. */
export function useReport(id: number) {
  return useQuery({
    queryKey: agentKeys.report(id),
    queryFn: async (): Promise<DefinitionReport> => {
      try {
        return await api<DefinitionReport>('POST', `/workflow/${id}/validate`);
      } catch (error) {
        const report = error instanceof ApiError ? reportIn(error.detail) : null;
        if (report === null) throw error;
        return report;
      }
    },
  });
}
