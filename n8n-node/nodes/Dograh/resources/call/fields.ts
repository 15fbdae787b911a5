/** The fields of operations that place a call. */
import type { INodeProperties } from 'n8n-workflow';
import { callingAgentField } from '../../fields/agent-fields';
import { defaultCountryOption } from '../../fields/default-country';
import { callOnceFields } from '../../fields/call-once';
import { scheduleOptions } from '../../fields/schedule-fields';
import { telephonyConfigurationOption } from '../../fields/telephony-configuration';
import { variableFields } from '../../fields/variable-fields';
import { waitOptions } from '../../fields/wait-fields';

const show = { resource: ['call'], operation: ['place', 'placeAndWait'] };
const displayOptions = { show };

/** The same labels and texts as in the HTTP Request node. */
const batchingOption: INodeProperties = {
  displayName: 'Batching',
  name: 'batching',
  placeholder: 'Add Batching',
  type: 'fixedCollection',
  typeOptions: { multipleValues: false },
  default: { batch: {} },
  description:
    'Calls of a batch are placed at once. Without this option each call is placed when the server has accepted the one before.',
  options: [
    {
      displayName: 'Batching',
      name: 'batch',
      values: [
        {
          displayName: 'Items per Batch',
          name: 'batchSize',
          type: 'number',
          typeOptions: { minValue: -1 },
          default: 50,
          description:
            'Input will be split in batches to throttle requests. -1 for disabled. 0 will be treated as 1.',
        },
        {
          displayName: 'Batch Interval (Ms)',
          name: 'batchInterval',
          type: 'number',
          typeOptions: { minValue: 0 },
          default: 1000,
          description:
            'Time (in milliseconds) between each batch of requests. 0 waits until the batch is answered.',
        },
      ],
    },
  ],
};

const callOptions: INodeProperties[] = [
  batchingOption,
  {
    displayName: 'Caller ID',
    name: 'callerId',
    type: 'resourceLocator',
    typeOptions: { loadOptionsDependsOn: ['options.telephonyConfiguration.value'] },
    default: { mode: 'list', value: '' },
    description:
      'The phone number that the called person sees. It belongs to the telephony configuration. By default Dograh chooses one.',
    modes: [
      {
        displayName: 'From List',
        name: 'list',
        type: 'list',
        placeholder: 'Select a number...',
        typeOptions: { searchListMethod: 'searchCallerIds', searchable: true },
      },
      { displayName: 'By ID', name: 'id', type: 'string', placeholder: 'e.g. 7' },
    ],
  },
  defaultCountryOption,
  {
    displayName: 'Greeting Override',
    name: 'greetingOverride',
    type: 'string',
    typeOptions: { rows: 2 },
    default: '',
    description: 'What the agent says first, instead of its own greeting',
  },
  {
    displayName: 'Language',
    name: 'language',
    type: 'string',
    default: '',
    placeholder: 'e.g. es-MX',
    description:
      'The language of this call, in the place of the agent’s own (needs a Dograh Trigger server; Dograh ignores it)',
  },
  {
    displayName: 'Request Timeout (Seconds)',
    name: 'requestTimeoutSeconds',
    type: 'number',
    typeOptions: { minValue: 1 },
    default: 60,
    description:
      'How long to wait for the answer of Dograh, which comes when the carrier has accepted the call',
  },
  telephonyConfigurationOption,
  {
    displayName: 'Voice',
    name: 'voice',
    type: 'string',
    default: '',
    placeholder: 'e.g. Polly.Mia',
    description:
      'Who speaks, in the carrier’s own name of a voice, in the place of the agent’s own (needs a Dograh Trigger server; Dograh ignores it)',
  },
  {
    displayName: 'Voicemail',
    name: 'voicemail',
    type: 'options',
    default: 'leave_message',
    description:
      'What to do if a machine answers, in the place of the agent’s own setting (needs a Dograh Trigger server; Dograh ignores it)',
    options: [
      { name: 'Hang Up', value: 'hang_up', description: 'The machine hears nothing' },
      {
        name: 'Leave a Message',
        value: 'leave_message',
        description: 'Speak the Voicemail Message after the machine’s greeting',
      },
      {
        name: 'Speak the Greeting',
        value: 'speak',
        description: 'Speak the agent’s greeting to whoever answers',
      },
    ],
  },
  {
    displayName: 'Voicemail Message',
    name: 'voicemailMessage',
    type: 'string',
    typeOptions: { rows: 2 },
    default: '',
    description:
      'What is left on a machine; by default the agent’s greeting. It needs the option Voicemail with the value Leave a Message.',
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
  ...scheduleOptions,
  ...waitOptions({ show: { '/operation': ['placeAndWait'] } }),
];

export const callFields: INodeProperties[] = [
  {
    displayName:
      'Each execution of this node places a call, including test executions, unless its Call Reference was used before. Pin the output to build the rest of the workflow without calling again.',
    name: 'testRunNotice',
    type: 'notice',
    default: '',
    displayOptions: { show, hide: { '@tool': [true] } },
  },
  callingAgentField(displayOptions),
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
  ...callOnceFields(displayOptions),
  ...variableFields(show),
];

/** The last field, below the operation's own fields. */
export const callOptionsField: INodeProperties = {
  displayName: 'Options',
  name: 'options',
  type: 'collection',
  placeholder: 'Add Option',
  default: {},
  displayOptions,
  options: callOptions.sort((left, right) => left.displayName.localeCompare(right.displayName, 'en')),
};
