/** Call: Get Many. The calls of the organization, newest first. */
import { fieldText } from '@dograh-trigger/shared';
import type { INodeProperties } from 'n8n-workflow';
import { agentField, readAgentChoice } from '../../fields/agent-fields';
import { createClient } from '../../runtime/client';
import { forEachItem, oneByOne, type Operation } from '../../runtime/items';
import { limitFields, readLimit } from '../../fields/limit-fields';
import { outputFields, outputListedRuns } from '../../fields/output';
import { readDate } from '../../runtime/parameters';

const show = { resource: ['call'], operation: ['getAll'] };

export const getAllFields: INodeProperties[] = [
  ...limitFields(show),
  ...outputFields(show),
  {
    displayName: 'Filters',
    name: 'filters',
    type: 'collection',
    placeholder: 'Add Filter',
    default: {},
    displayOptions: { show },
    options: [
      agentField({ description: 'Only calls of this agent' }),
      {
        displayName: 'Disposition',
        name: 'disposition',
        type: 'string',
        default: '',
        placeholder: 'e.g. user_hangup',
        description: 'Only calls that ended with this disposition. Separate several by commas.',
      },
      {
        displayName: 'Phone Number',
        name: 'phoneNumber',
        type: 'string',
        default: '',
        placeholder: 'e.g. 4155550100',
        description: 'Only calls to numbers with these digits in them',
      },
      {
        displayName: 'Placed After',
        name: 'placedAfter',
        type: 'dateTime',
        default: '',
      },
      {
        displayName: 'Placed Before',
        name: 'placedBefore',
        type: 'dateTime',
        default: '',
      },
    ],
  },
];

export const listCalls: Operation = async (context) => {
  const calls = await forEachItem(context, oneByOne, async (itemIndex) => {
    const client = await createClient(context, { itemIndex });
    const filters = context.getNodeParameter('filters', itemIndex, {});
    const agent = await readAgentChoice(client, filters.agent);
    return client.listNewestCalls(readLimit(context, itemIndex), {
      agentId: agent?.id,
      calledNumber: digitsOf(filters.phoneNumber),
      dispositions: fieldText(filters.disposition)
        .split(',')
        .map((code) => code.trim())
        .filter((code) => code !== ''),
      createdSince: readDate('Placed After', filters.placedAfter, context.getTimezone()),
      createdUntil: readDate('Placed Before', filters.placedBefore, context.getTimezone()),
      signal: context.getExecutionCancelSignal(),
    });
  });
  return outputListedRuns(context, calls);
};

/** Servers compare with numbers in E.164, which contain only digits. */
function digitsOf(value: unknown): string | undefined {
  const digits = fieldText(value).replace(/\D/g, '');
  return digits === '' ? undefined : digits;
}
