/** The choices of the field Agent. */
import type { TriggerClient } from '@dograh-trigger/shared';
import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { createClient } from '../runtime/client';
import { toNodeError } from '../runtime/errors';
import { matching } from './matching';

/**
 * @param filter the user's text; matches any part of an agent's name, in any case.
 * @returns agents by UUID, which does not change when an agent is renamed and needs no trigger node; on hosted
 *   Dograh with a link to the agent's page.
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

/** Only hosted Dograh has a known address of its pages. On self-hosted servers it differs. */
const hostedDograh = { api: 'https://api.dograh.com', pages: 'https://app.dograh.com' };

function agentPageUrl(client: TriggerClient, agentId: number): string | undefined {
  return client.baseUrl === hostedDograh.api
    ? `${hostedDograh.pages}/workflow/${String(agentId)}`
    : undefined;
}
