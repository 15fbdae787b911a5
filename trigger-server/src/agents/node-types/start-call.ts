import type { PropertySpec } from '@dograh-trigger/shared';
import { longestGreeting } from '../text-limits';
import { choices, inTalks, keptOnly, nodeType, property, shownWhen } from './declare';
import {
  extractionProperties,
  globalPromptProperty,
  interruptProperty,
  nameProperty,
  promptProperty,
  referenceProperties,
} from './shared-properties';

const greetingProperties: PropertySpec[] = [
  property({
    name: 'greeting_type',
    type: 'options',
    display_name: 'Greeting Type',
    description: `Whether the greeting is spoken from text or played from a recording. ${keptOnly} It always speaks the text.`,
    default: 'text',
    options: choices({ text: 'Text (TTS)', audio: 'Pre-recorded Audio' }),
  }),
  property({
    name: 'greeting',
    type: 'string',
    display_name: 'Greeting Text',
    description: 'What is said when the call is answered. {{variables}} are filled in.',
    placeholder: 'Hello {{user.name | there}}, this is a call from Example Ltd.',
    max_length: longestGreeting,
    display_options: shownWhen({ greeting_type: ['text'] }),
    editor: 'textarea',
  }),
  property({
    name: 'greeting_recording_id',
    type: 'recording_ref',
    display_name: 'Greeting Recording',
    description: `The recording that is played when the call is answered. ${keptOnly}`,
    llm_hint: 'A recording_id, as list_recordings gives it.',
    display_options: shownWhen({ greeting_type: ['audio'] }),
  }),
];

const delayProperties: PropertySpec[] = [
  property({
    name: 'delayed_start',
    type: 'boolean',
    display_name: 'Delayed Start',
    description: `Whether the agent waits a moment before it speaks. ${keptOnly}`,
    default: false,
  }),
  property({
    name: 'delayed_start_duration',
    type: 'number',
    display_name: 'Delay Duration (seconds)',
    description: `How long it waits, in seconds. ${keptOnly}`,
    default: 2,
    min_value: 0.1,
    max_value: 10,
    display_options: shownWhen({ delayed_start: [true] }),
    renderer_options: { layout: null, number_input: { fractional: true } },
  }),
];

const whileFetching = shownWhen({ pre_call_fetch_mode: ['always', 'inbound', 'outbound'] });

const preCallProperties: PropertySpec[] = [
  property({
    name: 'pre_call_fetch_mode',
    type: 'options',
    display_name: 'Pre-Call Data Fetch',
    description: `For which calls values are asked for before the agent speaks. ${inTalks}`,
    default: 'disabled',
    options: choices({
      disabled: 'Disabled',
      always: 'Always',
      inbound: 'Inbound calls only',
      outbound: 'Outbound calls only',
    }),
  }),
  property({
    name: 'pre_call_fetch_url',
    type: 'url',
    display_name: 'Endpoint URL',
    description: `Gets a POST with both numbers of the call; its answer is added to the context. ${inTalks}`,
    placeholder: 'https://api.example.com/customer-lookup',
    display_options: whileFetching,
  }),
  property({
    name: 'pre_call_fetch_credential_uuid',
    type: 'credential_ref',
    display_name: 'Authentication',
    description: `The credential that is sent along. ${inTalks}`,
    llm_hint: 'A credential UUID, as list_credentials gives it.',
    display_options: whileFetching,
  }),
  // The predecessor of pre_call_fetch_mode, which Dograh's SDK 0.1.7 still writes. No editor shows it.
  property({
    name: 'pre_call_fetch_enabled',
    type: 'boolean',
    display_name: 'Pre-Call Data Fetch (older form)',
    description: `true is the same as the mode always. ${inTalks}`,
    display_options: shownWhen({ pre_call_fetch_mode: [] }),
  }),
];

export const startCall = nodeType({
  name: 'startCall',
  display_name: 'Start Call',
  description: 'Where every call begins: the greeting, and the first step of the conversation.',
  llm_hint: 'Exactly one in every agent. Nothing leads to it.',
  category: 'call_node',
  icon: 'Play',
  properties: [
    nameProperty('Start Call'),
    ...greetingProperties,
    promptProperty('Greet the callee and ask whether it is a good moment to talk.'),
    interruptProperty(false),
    globalPromptProperty(true),
    ...delayProperties,
    ...extractionProperties,
    ...referenceProperties,
    ...preCallProperties,
  ],
  example: {
    name: 'reminder',
    data: {
      name: 'Start',
      greeting: 'Hello {{user.name | there}}, your appointment is tomorrow at {{time}}.',
      prompt: 'Remind the callee of the appointment.',
    },
  },
  graph_constraints: { min_incoming: 0, max_incoming: 0, min_instances: 1, max_instances: 1 },
});
