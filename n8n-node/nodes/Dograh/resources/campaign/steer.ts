/** Campaign: Start, Pause, Resume and Get Progress. */
import { fieldRefusal, type CampaignMove, type MovedCampaign } from '@dograh-trigger/shared';
import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { createClient } from '../../runtime/client';
import { forEachItem, itemOutput, oneByOne, tenAtOnce, type Operation } from '../../runtime/items';
import { readId } from '../../runtime/parameters';

export const campaignField: INodeProperties = {
  displayName: 'Campaign',
  name: 'campaign',
  type: 'resourceLocator',
  required: true,
  default: { mode: 'list', value: '' },
  displayOptions: {
    show: { resource: ['campaign'], operation: ['start', 'pause', 'resume', 'getProgress'] },
  },
  modes: [
    {
      displayName: 'From List',
      name: 'list',
      type: 'list',
      placeholder: 'Select a campaign...',
      typeOptions: { searchListMethod: 'searchCampaigns', searchable: true },
    },
    {
      displayName: 'By ID',
      name: 'id',
      type: 'string',
      placeholder: 'e.g. {{ $json.campaign_id }}',
      hint: 'The campaign_id that Add Contacts returned',
    },
  ],
};

function readCampaignId(context: IExecuteFunctions, itemIndex: number): number {
  const id = readId('Campaign', context.getNodeParameter('campaign', itemIndex));
  if (id === undefined) throw fieldRefusal('Campaign', 'choose a campaign from the list, or enter its ID');
  return id;
}

/** One by one, so that no campaign is moved after one that failed. */
export function moveCampaigns(move: CampaignMove): Operation {
  return (context) =>
    forEachItem(context, oneByOne, async (itemIndex) => {
      const id = readCampaignId(context, itemIndex);
      const client = await createClient(context, { itemIndex });
      return itemOutput(itemIndex, show(await client.moveCampaign(id, move)));
    });
}

function show({ campaign, changed }: MovedCampaign): IDataObject {
  return {
    campaign_id: campaign.id,
    name: campaign.name,
    agent_id: campaign.workflow_id,
    state: campaign.state,
    changed,
  };
}

export const getProgress: Operation = (context) =>
  forEachItem(context, tenAtOnce, async (itemIndex) => {
    const id = readCampaignId(context, itemIndex);
    const client = await createClient(context, { itemIndex });
    const progress = await client.readCampaignProgress(id);
    return itemOutput(itemIndex, {
      ...progress,
      has_ended: progress.state === 'completed' || progress.state === 'failed',
    });
  });
