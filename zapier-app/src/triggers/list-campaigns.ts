/** Fills the Campaign dropdown, the newest campaign first. */
import { defineTrigger } from 'zapier-platform-core';
import { choiceFields, dropdownStep } from '../platform/step';

export const listCampaignsStep = dropdownStep(async (client) => {
  const campaigns = await client.listCampaigns();
  return campaigns.map(({ id, name, state }) => ({
    id: String(id),
    name: `${name} (number ${id}, ${state})`,
  }));
});

export const listCampaigns = defineTrigger({
  key: 'list_campaigns',
  noun: 'Campaign',
  display: { label: 'List Campaigns', description: 'Fills the campaign dropdown.', hidden: true },
  operation: { type: 'polling', perform: listCampaignsStep, outputFields: [...choiceFields] },
});
