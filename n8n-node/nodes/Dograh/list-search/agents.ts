/** The list behind Agent. */
import type { TriggerClient } from '@dograh-trigger/shared';
import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { createClient } from '../runtime/client';
import { toNodeError } from '../runtime/errors';
import { matching } from './matching';

/**
 * @param filter what the user typed; matches any part of an agent's name, whatever the case.
 * @returns agents by UUID, which keeps working when an agent is renamed, and needs no trigger node in it; with a link to
 *   the agent's page where there is one.
 */
export async function searchAgents(this: ILoadOptionsFunctions, filter = ''): Promise<INodeListSearchResult> {
  try {
    const client = await createClient(this);
    const agents = await client.listAgents();
    return matching(
      filter,
      agents.map(({ id, name, uuid }) => ({ name, value: uuid, url: agentPageUrl(client, id) })),
    );
  } catch (error) {
    throw toNodeError(this.getNode(), error);
  }
}

/** Where the pages are is known of hosted Dograh alone: whoever hosts it decides where his are. */
const hostedDograh = { api: 'https://api.dograh.com', pages: 'https://app.dograh.com' };

function agentPageUrl(client: TriggerClient, agentId: number): string | undefined {
  return client.baseUrl === hostedDograh.api
    ? `${hostedDograh.pages}/workflow/${String(agentId)}`
    : undefined;
}
