/** Campaign: Add Contacts. Makes a campaign of all items, or of a CSV file. It calls nobody. */
import {
  fieldRefusal,
  fieldText,
  sha256Hex,
  writeContactList,
  type AddedCampaign,
  type Contact,
  type ContactList,
  type TriggerClient,
} from '@dograh-trigger/shared';
import type { IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';
import { campaignAgentField } from '../../fields/agent-fields';
import { readDefaultCountry } from '../../fields/default-country';
import { readVariables, variableFields } from '../../fields/variable-fields';
import { columnFilter } from '../../runtime/agent-variables';
import { createClient } from '../../runtime/client';
import { readCredential } from '../../runtime/credential';
import { showHints } from '../../runtime/hints';
import { forEachItem, itemOutput, oneByOne, type ItemOutcome, type Operation } from '../../runtime/items';
import { textOf } from '../../runtime/parameters';
import { n8nUpload } from '../../runtime/transport';
import { campaignOptions, readSettings } from './settings';

const show = { resource: ['campaign'], operation: ['addContacts'] };
const displayOptions = { show };
const ofItems = { ...show, contactsFrom: ['items'] };

export const addContactsFields: INodeProperties[] = [
  {
    displayName:
      'All items together become one campaign. It calls nobody before Start. The same contacts are added once under one name: to call them again, change the name.',
    name: 'campaignNotice',
    type: 'notice',
    default: '',
    displayOptions: { show: ofItems, hide: { '@tool': [true] } },
  },
  {
    displayName: 'Campaign Name',
    name: 'campaignName',
    type: 'string',
    required: true,
    default: '',
    placeholder: 'e.g. Reminders of {{ $today.toISODate() }}',
    description: 'With the date in it, the same contacts can be called again another day',
    displayOptions,
  },
  campaignAgentField(displayOptions),
  {
    displayName: 'Contacts From',
    name: 'contactsFrom',
    type: 'options',
    default: 'items',
    displayOptions,
    options: [
      {
        name: 'CSV File',
        value: 'file',
        description: 'Each item’s file is a campaign. It has a column phone_number and is in UTF-8.',
      },
      { name: 'Input Items', value: 'items', description: 'Each item is a contact of one campaign' },
    ],
  },
  {
    displayName: 'Input Data Field Name',
    name: 'binaryPropertyName',
    type: 'string',
    required: true,
    default: 'data',
    hint: 'The name of the input binary field with the CSV file',
    displayOptions: { show: { ...show, contactsFrom: ['file'] } },
  },
  {
    displayName: 'Phone Number',
    name: 'phoneNumber',
    type: 'string',
    required: true,
    default: '',
    placeholder: 'e.g. {{ $json.phone }}',
    description:
      'The number of the contact, with + and its country code. An item without a number that can be called is skipped, and so is the second one with the same number.',
    displayOptions: { show: ofItems },
  },
  ...variableFields(ofItems),
  {
    displayName: 'Options',
    name: 'options',
    type: 'collection',
    placeholder: 'Add Option',
    default: {},
    displayOptions,
    options: campaignOptions,
  },
];

export const addContacts: Operation = async (context) => {
  const outcomes =
    context.getNodeParameter('contactsFrom', 0) === 'file'
      ? await forEachItem(context, oneByOne, (itemIndex) => addFile(context, itemIndex))
      : [{ value: await addItems(context) }];
  showHints(context, hintsOf(outcomes));
  return outcomes;
};

/** One campaign, whose fields are read at the first item. */
async function addItems(context: IExecuteFunctions): Promise<INodeExecutionData[]> {
  const campaign = await prepare(context, 0);
  const list = await readItems(context, campaign);
  if (list.count === 0) {
    const detail = list.skipped[0]?.detail ?? '';
    throw fieldRefusal('Phone Number', `no item has a number that can be called. The first item: ${detail}`);
  }
  const added = await campaign.add(list.csv);
  const skipped = list.skipped.map(({ index, code, detail }) => ({ item: index, code, reason: detail }));
  const skippedByServer = listedRows(added).map(({ line, code, detail }) => ({
    item: list.indexOfLine(line),
    code,
    reason: detail,
  }));
  const json = {
    ...outputOf(added),
    // Dograh counts the rows when the campaign is started.
    total_rows: added.campaign.total_rows ?? list.count,
    skipped_rows: list.skipped.length + (added.campaign.skipped_rows ?? 0),
    skipped: [...skipped, ...skippedByServer],
  };
  return [{ json, pairedItem: context.getInputData().map((_, item) => ({ item })) }];
}

async function addFile(context: IExecuteFunctions, itemIndex: number): Promise<INodeExecutionData[]> {
  const campaign = await prepare(context, itemIndex);
  const property = context.getNodeParameter('binaryPropertyName', itemIndex, 'data');
  const bytes = await context.helpers.getBinaryDataBuffer(itemIndex, property);
  const added = await campaign.add(textOfFile(bytes));
  return itemOutput(itemIndex, {
    ...outputOf(added),
    total_rows: added.campaign.total_rows,
    skipped_rows: added.campaign.skipped_rows ?? 0,
    skipped: listedRows(added).map(({ line, code, detail }) => ({ line, code, reason: detail })),
  });
}

interface PreparedCampaign {
  client: TriggerClient;
  agentUuid: string;
  add: (csv: string) => Promise<AddedCampaign>;
}

/** @throws TriggerError for a field that is not valid, before any contact is read. */
async function prepare(context: IExecuteFunctions, itemIndex: number): Promise<PreparedCampaign> {
  const name = fieldText(context.getNodeParameter('campaignName', itemIndex));
  if (name === '') throw fieldRefusal('Campaign Name', 'enter a name');
  const agentUuid = textOf(context.getNodeParameter('agent', itemIndex));
  if (agentUuid === '') throw fieldRefusal('Agent', 'choose an agent from the list, or enter its UUID');
  const settings = readSettings(context, itemIndex);
  const { ignoreSslIssues } = await readCredential(context, itemIndex);
  const client = await createClient(context, { itemIndex });
  const { id } = await client.findAgent(agentUuid);
  const upload = n8nUpload(context, ignoreSslIssues);
  return {
    client,
    agentUuid,
    add: (csv) =>
      client.addCampaign({ settings: { ...settings, name, workflow_id: id }, csv }, upload, sha256Hex),
  };
}

async function readItems(
  context: IExecuteFunctions,
  { client, agentUuid }: PreparedCampaign,
): Promise<ContactList> {
  const { defaultCountry } = context.getNodeParameter('options', 0, {});
  const country = readDefaultCountry(defaultCountry);
  const columnsFor = columnFilter();
  const contacts: Contact[] = [];
  for (const [itemIndex, { json }] of context.getInputData().entries()) {
    contacts.push({
      phoneNumber: context.getNodeParameter('phoneNumber', itemIndex),
      values: await readVariables(context, itemIndex, () => columnsFor(client, { agentUuid }, json)),
    });
  }
  return writeContactList(contacts, country);
}

/** @throws TriggerError `invalid_input` */
function textOfFile(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw fieldRefusal('Input Data Field Name', 'the file is not in UTF-8; save it as “CSV UTF-8”');
  }
}

/** The rows that the server skips. Those of a list that was added before may have been in another order. */
function listedRows({ campaign, alreadyAdded }: AddedCampaign) {
  return alreadyAdded ? [] : (campaign.skipped ?? []);
}

function outputOf({ campaign, alreadyAdded }: AddedCampaign) {
  return {
    campaign_id: campaign.id,
    name: campaign.name,
    agent_id: campaign.workflow_id,
    state: campaign.state,
    already_added: alreadyAdded,
  };
}

function hintsOf(outcomes: readonly ItemOutcome<INodeExecutionData[]>[]): string[] {
  const added = outcomes.flatMap((outcome) => ('value' in outcome ? outcome.value : []));
  return [
    ...(added.some(({ json }) => json.already_added)
      ? [
          'Nothing was added: the campaign of this name has these contacts already, and is as it was. Change Campaign Name to call them again.',
        ]
      : []),
    ...(added.some(({ json }) => json.skipped_rows !== 0)
      ? ['Some contacts are not called: skipped has the reasons.']
      : []),
  ];
}
