/** The field Agent: the agent that calls, or whose calls are read. */
import { fieldRefusal, type AgentChoice, type TriggerClient } from '@dograh-trigger/shared';
import type { INodeProperties } from 'n8n-workflow';
import { readId, textOf } from '../runtime/parameters';

const commonModes: Required<Pick<INodeProperties, 'modes'>> = {
  modes: [
    {
      displayName: 'From List',
      name: 'list',
      type: 'list',
      placeholder: 'Select an agent...',
      typeOptions: { searchListMethod: 'searchAgents', searchable: true },
    },
    {
      displayName: 'By Agent UUID',
      name: 'agentUuid',
      type: 'string',
      placeholder: 'e.g. 0b7e9d1c-3c55-4a0b-8f6d-91d2a4c6e8f0',
      hint: 'The UUID of the agent itself, for agents without an API Trigger node',
    },
  ],
};

/** The agent that makes a call. It can also be selected by its trigger. */
export function callingAgentField(displayOptions: INodeProperties['displayOptions']): INodeProperties {
  return {
    displayName: 'Agent',
    name: 'agent',
    type: 'resourceLocator',
    required: true,
    default: { mode: 'list', value: '' },
    description: 'The voice agent that makes the call',
    displayOptions,
    modes: [
      ...commonModes.modes,
      {
        displayName: 'By Trigger URL',
        name: 'url',
        type: 'string',
        placeholder: 'e.g. https://api.dograh.com/api/v1/public/agent/6f1c3a52-…',
        hint: 'The URL that the API Trigger node of the agent shows',
      },
      {
        displayName: 'By Trigger UUID',
        name: 'id',
        type: 'string',
        placeholder: 'e.g. 6f1c3a52-8a52-4f4e-9d0e-2b8c7d1e5f90',
        hint: 'The last part of the trigger URL',
      },
    ],
  };
}

/** The agent of a campaign. Only agents themselves can be selected, because a campaign has no trigger. */
export function campaignAgentField(displayOptions: INodeProperties['displayOptions']): INodeProperties {
  return {
    displayName: 'Agent',
    name: 'agent',
    type: 'resourceLocator',
    required: true,
    default: { mode: 'list', value: '' },
    description: 'The voice agent that calls the contacts, with its published version',
    displayOptions,
    ...commonModes,
  };
}

/** An agent to read or to filter by, selected by its UUID, or by the id in calls. */
export function agentField(
  overrides: Pick<INodeProperties, 'description' | 'displayOptions' | 'required'>,
): INodeProperties {
  return {
    displayName: 'Agent',
    name: 'agent',
    type: 'resourceLocator',
    default: { mode: 'list', value: '' },
    ...overrides,
    modes: [
      ...commonModes.modes,
      {
        displayName: 'By ID',
        name: 'id',
        type: 'string',
        placeholder: 'e.g. 12',
        hint: 'The agent_id of a call',
      },
    ],
  };
}

/**
 * The agent of {@link agentField}; undefined when the field is empty. An id is not looked up, so that an archived
 * agent can be selected, too.
 *
 * @throws TriggerError `invalid_input`, or the error of the server.
 */
export async function readAgentChoice(
  client: TriggerClient,
  field: unknown,
): Promise<Pick<AgentChoice, 'id'> | AgentChoice | undefined> {
  const text = textOf(field);
  if (text === '') return undefined;
  const isId = typeof field === 'object' && field !== null && 'mode' in field && field.mode === 'id';
  if (!isId) return client.findAgent(text);
  const id = readId('Agent', text);
  if (id === undefined) throw fieldRefusal('Agent', 'choose an agent');
  return { id };
}
