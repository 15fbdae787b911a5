/** Creates a campaign of a list of contacts. Nobody is called before it is started. */
import { fieldRefusal, fieldText, sha256Hex } from '@dograh-trigger/shared';
import { defineCreate, defineInputFields, type Bundle } from 'zapier-platform-core';
import { findNamedAgent } from '../call/agents';
import { campaignOutputFields, campaignRecord } from '../campaign/campaign-record';
import { contactFields, readContacts } from '../campaign/contacts';
import {
  readSettings,
  settingsFields,
  settingsGroups,
  type SettingsInput,
} from '../campaign/settings-fields';
import { halt } from '../platform/errors';
import { readInstant } from '../platform/instant';
import { step } from '../platform/step';
import { zapierTransport } from '../platform/transport';
import sample from '../samples/create-campaign.json';

const [nameField, agentField] = defineInputFields([
  {
    key: 'name',
    label: 'Name',
    type: 'string',
    required: true,
    helpText:
      'What the campaign is for. The same contacts are called once under one name: for another round, choose another name, such as one with the date.',
  },
  {
    key: 'agent',
    label: 'Agent',
    type: 'string',
    required: true,
    dynamic: 'list_agents.id.name',
    search: 'find_agent.id',
    altersDynamicFields: true,
    helpText: 'The voice agent that makes the calls, with its published version.',
  },
]);

type Input = SettingsInput & { name?: unknown; agent?: unknown };

/** Zapier's last automatic replay is 10 hours and 35 minutes after the run. */
const replayMilliseconds = 12 * 3600 * 1000;

export const createCampaignStep = step(async (client, { inputData }: Bundle<Input>, z, deadline) => {
  const name = fieldText(inputData.name);
  if (name === '') throw fieldRefusal('Name', 'enter a name');
  const settings = readSettings(inputData);
  const contacts = await readContacts(z, inputData, deadline);
  const agent = await findNamedAgent(client, inputData.agent);
  if (agent === undefined) throw fieldRefusal('Agent', 'choose one from the list, or enter its number');
  const { campaign, alreadyAdded } = await client.addCampaign(
    { settings: { name, workflow_id: agent.id, ...settings }, csv: contacts.csv },
    // The app's middleware adds the API key for the connection's own server only.
    deadline.limit(zapierTransport(z)),
    sha256Hex,
  );
  const createdAt = readInstant(campaign.created_at);
  if (alreadyAdded && Date.now() - createdAt.getTime() > replayMilliseconds) {
    throw halt(
      z,
      `The campaign ${campaign.id} has this name and these contacts since ${createdAt.toISOString()}, so nothing was created ` +
        'and nobody is called again. To call them again, give the campaign another name, such as one with the date.',
    );
  }
  const skipped = contacts.skippedOf(campaign);
  return {
    ...campaignRecord(campaign),
    already_created: alreadyAdded,
    skipped_contacts: skipped.count,
    skipped: skipped.first,
  };
});

export const createCampaign = defineCreate({
  key: 'create_campaign',
  noun: 'Campaign',
  display: {
    label: 'Create Campaign',
    description: 'Adds contacts to a new campaign, which calls nobody before it is started.',
  },
  operation: {
    perform: createCampaignStep,
    inputFields: [nameField, agentField, ...contactFields, ...settingsFields],
    inputFieldGroups: settingsGroups,
    sample,
    outputFields: [
      ...campaignOutputFields,
      { key: 'already_created', label: 'Was Created Before', type: 'boolean' },
      { key: 'skipped_contacts', label: 'Skipped Contacts', type: 'integer' },
      // The notation for fields of line items: https://docs.zapier.com/platform/reference/cli-docs
      { key: 'skipped[]row', label: 'Skipped Row', type: 'integer' },
      { key: 'skipped[]code', label: 'Skipped Code', type: 'string' },
      { key: 'skipped[]detail', label: 'Skipped Detail', type: 'string' },
    ],
  },
});
