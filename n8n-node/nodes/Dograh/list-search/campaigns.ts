/** The choices of the field Campaign. */
import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { createClient } from '../runtime/client';
import { toNodeError } from '../runtime/errors';
import { matching } from './matching';

/** The newest campaign first, each with its state. */
export async function searchCampaigns(
  this: ILoadOptionsFunctions,
  filter = '',
): Promise<INodeListSearchResult> {
  try {
    const campaigns = await (await createClient(this)).listCampaigns();
    return matching(
      filter,
      campaigns.map(({ id, name, state }) => ({ name: `${name} (${state})`, value: String(id) })),
    );
  } catch (error) {
    throw toNodeError(this.getNode(), error);
  }
}
