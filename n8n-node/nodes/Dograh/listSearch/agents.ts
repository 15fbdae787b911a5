/** The list behind Agent. */
import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { createClient } from '../shared/client';
import { toNodeError } from '../shared/errors';
import { matching } from './matching';

/**
 * @param filter what the user typed; matches any part of an agent's name, whatever the case.
 * @returns agents by UUID, which keeps working when an agent is renamed, and needs no trigger node in it.
 */
export async function searchAgents(this: ILoadOptionsFunctions, filter = ''): Promise<INodeListSearchResult> {
  try {
    const agents = await (await createClient(this)).listAgents();
    return matching(
      filter,
      agents.map(({ name, uuid }) => ({ name, value: uuid })),
    );
  } catch (error) {
    throw toNodeError(this.getNode(), error);
  }
}
