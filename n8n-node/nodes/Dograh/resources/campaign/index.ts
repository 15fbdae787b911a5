/** The resource Campaign: a list of contacts that an agent calls one after the other. */
import type { INodeProperties } from 'n8n-workflow';
import type { Operation } from '../../runtime/items';
import { addContacts, addContactsFields } from './add-contacts';
import { campaignField, getProgress, moveCampaigns } from './steer';

export const campaignDescription: INodeProperties[] = [
  {
    displayName: 'Operation',
    name: 'operation',
    type: 'options',
    noDataExpression: true,
    default: 'addContacts',
    displayOptions: { show: { resource: ['campaign'] } },
    options: [
      {
        name: 'Add Contacts',
        value: 'addContacts',
        action: 'Add contacts to new campaign',
        description: 'Create a campaign of a list of contacts. It calls nobody before it is started.',
      },
      {
        name: 'Get Progress',
        value: 'getProgress',
        action: 'Get progress of campaign',
        description: 'Read how many contacts were called so far',
      },
      {
        name: 'Pause',
        value: 'pause',
        action: 'Pause campaign',
        description: 'Place no further call. Calls under way go on to their end.',
      },
      {
        name: 'Resume',
        value: 'resume',
        action: 'Resume campaign',
        description: 'Let a paused campaign call on',
      },
      {
        name: 'Start',
        value: 'start',
        action: 'Start campaign',
        description: 'Call the contacts. Real, billable calls; a campaign is started only once.',
      },
    ],
  },
  ...addContactsFields,
  campaignField,
];

export const campaignOperations: ReadonlyMap<string, Operation> = new Map([
  ['addContacts', addContacts],
  ['getProgress', getProgress],
  ['pause', moveCampaigns('pause')],
  ['resume', moveCampaigns('resume')],
  ['start', moveCampaigns('start')],
]);
