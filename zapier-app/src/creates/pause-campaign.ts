/** Pauses a campaign. */
import { defineCreate, defineInputFields, type Bundle, type InferInputData } from 'zapier-platform-core';
import {
  campaignField,
  campaignOutputFields,
  campaignRecord,
  readCampaignId,
} from '../campaign/campaign-record';
import { step } from '../platform/step';
import sample from '../samples/pause-campaign.json';

const inputFields = defineInputFields([campaignField]);

export const pauseCampaignStep = step(
  async (client, { inputData }: Bundle<InferInputData<typeof inputFields>>) => {
    const { campaign, changed } = await client.moveCampaign(readCampaignId(inputData.campaign), 'pause');
    return { ...campaignRecord(campaign), is_changed: changed };
  },
);

export const pauseCampaign = defineCreate({
  key: 'pause_campaign',
  noun: 'Campaign',
  display: {
    label: 'Pause Campaign',
    description: 'Stops a campaign from placing further calls; calls in progress go on to their end.',
  },
  operation: {
    perform: pauseCampaignStep,
    inputFields,
    sample,
    outputFields: [
      ...campaignOutputFields,
      { key: 'is_changed', label: 'Was Paused by This Step', type: 'boolean' },
    ],
  },
});
