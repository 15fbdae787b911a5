/** The agents to choose from: the active ones, by name. */
import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { createClient } from '../shared/client';
import { toNodeError } from '../shared/errors';

/**
 * @param filter what the user typed; matches any part of an agent's name, whatever the case.
 * @returns agents by UUID, which keeps working when an agent is renamed, and needs no trigger node in it.
 */
export async function searchAgents(this: ILoadOptionsFunctions, filter = ''): Promise<INodeListSearchResult> {
  try {
    const client = await createClient(this);
    const agents = await client.listAgents();
    const wanted = filter.trim().toLowerCase();
    return {
      results: agents
        .filter((agent) => agent.name.toLowerCase().includes(wanted))
        .map((agent) => ({ name: agent.name, value: agent.uuid })),
    };
  } catch (error) {
    throw toNodeError(this.getNode(), error);
  }
}
