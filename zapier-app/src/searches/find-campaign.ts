/** Finds a campaign and its progress, by its ID or its name. */
import { fieldRefusal, fieldText, isTriggerError, type TriggerClient } from '@dograh-trigger/shared';
import { defineInputFields, defineSearch, type Bundle, type InferInputData } from 'zapier-platform-core';
import { campaignOutputFields, campaignRecord } from '../campaign/campaign-record';
import { readId } from '../platform/fields';
import { step } from '../platform/step';
import sample from '../samples/find-campaign.json';

const inputFields = defineInputFields([
  {
    key: 'campaign',
    label: 'Campaign',
    type: 'integer',
    required: false,
    dynamic: 'list_campaigns.id.name',
    helpText: 'Choose it from the list, or map the ID from the step that created it.',
  },
  {
    key: 'name',
    label: 'Name',
    type: 'string',
    required: false,
    helpText:
      'Without a Campaign: its whole name; capital letters make no difference. Of several with this name the newest is found.',
  },
]);

type Input = InferInputData<typeof inputFields>;

export const findCampaignStep = step(async (client, { inputData }: Bundle<Input>) => {
  const id = readId('Campaign', inputData.campaign) ?? (await findByName(client, fieldText(inputData.name)));
  if (id === undefined) return [];
  try {
    return [campaignRecord(await client.getCampaign(id))];
  } catch (error) {
    // For Zapier a search without a match is a result, not an error.
    if (isTriggerError(error) && error.code === 'not_found') return [];
    throw error;
  }
});

async function findByName(client: TriggerClient, name: string): Promise<number | undefined> {
  if (name === '') throw fieldRefusal('Campaign', 'choose one from the list, or enter a name');
  const campaigns = await client.listCampaigns();
  return campaigns.find((campaign) => campaign.name.trim().toLowerCase() === name.toLowerCase())?.id;
}

export const findCampaign = defineSearch({
  key: 'find_campaign',
  noun: 'Campaign',
  display: {
    label: 'Find Campaign',
    description: 'Finds a campaign by its ID or name, and gets its progress.',
  },
  operation: { perform: findCampaignStep, inputFields, sample, outputFields: [...campaignOutputFields] },
});
