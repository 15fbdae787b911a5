/** Call: Place. Starts a call and returns as soon as Dograh has taken it. */
import { readPhoneNumberField, type JsonObject } from '@dograh-trigger/shared';
import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { createClient } from '../../shared/client';
import { placeOnce } from '../../shared/ledger';
import {
  readEnvironment,
  readFieldVariables,
  readId,
  readJsonVariables,
  readSeconds,
  readTarget,
} from '../../shared/parameters';

const displayOptions = { show: { resource: ['call'], operation: ['place'] } };

export const placeDescription: INodeProperties[] = [
  {
    displayName: 'Agent',
    name: 'agent',
    type: 'resourceLocator',
    required: true,
    default: { mode: 'list', value: '' },
    description: 'The voice agent that makes the call',
    displayOptions,
    modes: [
      {
        displayName: 'From List',
        name: 'list',
        type: 'list',
        placeholder: 'Select an agent...',
        typeOptions: { searchListMethod: 'searchAgents', searchable: true },
      },
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
      {
        displayName: 'By Agent UUID',
        name: 'agentUuid',
        type: 'string',
        placeholder: 'e.g. 0b7e9d1c-3c55-4a0b-8f6d-91d2a4c6e8f0',
        hint: 'The UUID of the agent itself, for agents without an API Trigger node',
      },
    ],
  },
  {
    displayName: 'Environment',
    name: 'environment',
    type: 'options',
    default: 'production',
    description: 'Which version of the agent makes the call. Both dial for real.',
    displayOptions,
    options: [
      { name: 'Production', value: 'production', description: 'The published version' },
      {
        name: 'Test',
        value: 'test',
        description: 'The draft, or the published version if there is no draft',
      },
    ],
  },
  {
    displayName: 'Phone Number',
    name: 'phoneNumber',
    type: 'string',
    required: true,
    default: '',
    placeholder: 'e.g. +14155550100',
    description:
      'The number to call, with + and its country code. Spaces, dots, dashes, brackets and a leading 00 are cleaned.',
    displayOptions,
  },
  {
    displayName: 'Specify Variables',
    name: 'specifyVariables',
    type: 'options',
    default: 'keypair',
    description: 'How to enter the values that the prompts of the agent use',
    displayOptions,
    options: [
      { name: 'Using Fields Below', value: 'keypair' },
      { name: 'Using JSON', value: 'json' },
    ],
  },
  {
    displayName: 'Variables',
    name: 'variables',
    type: 'fixedCollection',
    typeOptions: { multipleValues: true },
    placeholder: 'Add Variable',
    default: {},
    displayOptions: { show: { ...displayOptions.show, specifyVariables: ['keypair'] } },
    options: [
      {
        displayName: 'Variable',
        name: 'parameters',
        values: [
          { displayName: 'Name', name: 'name', type: 'string', default: '', placeholder: 'e.g. first_name' },
          { displayName: 'Value', name: 'value', type: 'string', default: '' },
        ],
      },
    ],
  },
  {
    displayName: 'Variables',
    name: 'jsonVariables',
    type: 'json',
    default: '{}',
    placeholder: 'e.g. {"first_name": "Jane"}',
    description: 'One JSON object. Prompts reach nested values by their path, as in user.name.',
    displayOptions: { show: { ...displayOptions.show, specifyVariables: ['json'] } },
  },
  {
    displayName: 'Options',
    name: 'options',
    type: 'collection',
    placeholder: 'Add Option',
    default: {},
    displayOptions,
    options: [
      {
        displayName: 'Caller ID',
        name: 'callerId',
        type: 'resourceLocator',
        default: { mode: 'id', value: '' },
        description: 'The number to show to the person called. By default Dograh chooses one.',
        modes: [{ displayName: 'By ID', name: 'id', type: 'string', placeholder: 'e.g. 7' }],
      },
      {
        displayName: 'Greeting Override',
        name: 'greetingOverride',
        type: 'string',
        typeOptions: { rows: 2 },
        default: '',
        description: 'What the agent says first, in the place of its own greeting',
      },
      {
        displayName: 'Request Timeout (Seconds)',
        name: 'requestTimeoutSeconds',
        type: 'number',
        typeOptions: { minValue: 1 },
        default: 60,
        description:
          'How long to wait for Dograh to answer. The answer comes when the carrier has taken the call.',
      },
      {
        displayName: 'Telephony Configuration',
        name: 'telephonyConfiguration',
        type: 'resourceLocator',
        default: { mode: 'id', value: '' },
        description: 'The carrier account to call through. By default Dograh chooses the one set as default.',
        modes: [{ displayName: 'By ID', name: 'id', type: 'string', placeholder: 'e.g. 3' }],
      },
      {
        displayName: 'Wait When Busy (Seconds)',
        name: 'busyWaitSeconds',
        type: 'number',
        typeOptions: { minValue: 0 },
        default: 300,
        description:
          'How long to wait for a free slot when the organization has reached its limit of concurrent calls. Without this option the item stops at once.',
      },
    ],
  },
];

/** @throws TriggerError; `[item X]` and the rest of what n8n shows are added where the items are run. */
export async function placeCall(context: IExecuteFunctions, itemIndex: number): Promise<IDataObject> {
  const environment = readEnvironment(context.getNodeParameter('environment', itemIndex));
  const target = readTarget(context.getNodeParameter('agent', itemIndex), environment);
  const phoneNumber = readPhoneNumberField(context.getNodeParameter('phoneNumber', itemIndex));
  const options = context.getNodeParameter('options', itemIndex, {});

  const dialTimeoutSeconds = readSeconds('Request Timeout', options.requestTimeoutSeconds);
  const client = await createClient(context, dialTimeoutSeconds);
  const call = await placeOnce(context, itemIndex, client, {
    target,
    environment,
    phoneNumber,
    initialContext: readInitialContext(context, itemIndex, options.greetingOverride),
    telephonyConfigurationId: readId('Telephony Configuration', options.telephonyConfiguration),
    fromPhoneNumberId: readId('Caller ID', options.callerId),
    busyWaitSeconds: readSeconds('Wait When Busy', options.busyWaitSeconds),
    signal: context.getExecutionCancelSignal(),
  });
  return {
    run_id: call.runId,
    run_name: call.runName,
    agent_id: call.workflowId,
    status: call.status,
    phone_number: phoneNumber,
  };
}

function readInitialContext(
  context: IExecuteFunctions,
  itemIndex: number,
  greetingOverride: unknown,
): JsonObject {
  const variables =
    context.getNodeParameter('specifyVariables', itemIndex) === 'json'
      ? readJsonVariables(context.getNodeParameter('jsonVariables', itemIndex, {}))
      : readFieldVariables(
          context.getNodeParameter('variables.parameters', itemIndex, []) as {
            name: string;
            value: unknown;
          }[],
        );
  if (typeof greetingOverride !== 'string' || greetingOverride === '') return variables;
  return { ...variables, greeting_override: { type: 'text', text: greetingOverride } };
}
