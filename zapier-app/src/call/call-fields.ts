/** The input fields of the steps that start a call. */
import {
  fieldText,
  readVoicemailFields,
  type CallRequest,
  type JsonObject,
  type TriggerClient,
} from '@dograh-trigger/shared';
import { defineInputFields, type InferInputData } from 'zapier-platform-core';
import { findTarget } from './agents';
import { readContext } from './context';
import {
  ifPlacedBeforeChoices,
  ifPlacedBeforeHelp,
  ifPlacedBeforeLabel,
  type IfPlacedBefore,
} from '../platform/if-placed-before';
import { defaultCountryField, readPhoneNumber } from './phone-number';
import { readEnvironment, readId, readTarget } from '../platform/fields';
import { readSchedule, scheduleFields } from './schedule-fields';
import { agentVariableFields } from './variables';

/** A step that starts calls. */
export interface CallingStep {
  key: string;
  label: string;
  /** The effect of "Test" in the editor. */
  onTest: string;
  ifPlacedBefore: readonly IfPlacedBefore[];
}

export function callInputFields({ label, onTest, ifPlacedBefore }: CallingStep) {
  return defineInputFields([
    {
      key: 'agent',
      label: 'Agent',
      type: 'string',
      required: true,
      dynamic: 'list_agents.id.name',
      search: 'find_agent.id',
      altersDynamicFields: true,
      helpText:
        'The voice agent that makes the call. Mapped from another step it may be the Agent of a call, its number, its ' +
        'UUID or its trigger URL.',
    },
    {
      key: 'environment',
      label: 'Environment',
      type: 'string',
      required: true,
      default: 'production',
      choices: { production: 'Production', test: 'Test (Draft)' },
      helpText:
        'Production calls with the published version of the agent, Test with its draft. Both dial a real phone.',
    },
    {
      key: 'phone_number',
      label: 'Phone Number',
      type: 'string',
      required: true,
      placeholder: '+14155550100',
      helpText: `The number to call, with \`+\` and the country calling code, such as \`+14155550100\`. ${onTest}`,
    },
    defaultCountryField,
    agentVariableFields,
    {
      key: 'initial_context',
      label: 'Additional Variables',
      dict: true,
      required: false,
      helpText: 'More values that the prompts of the agent use, by name, such as `first_name` and `Jane`.',
    },
    {
      key: 'initial_context_json',
      label: 'Variables as JSON',
      type: 'json',
      required: false,
      helpText:
        'For nested values and numbers, one JSON object such as `{"user": {"name": "Jane"}}`. ' +
        'A name that is also in another field takes the value from here.',
    },
    {
      key: 'greeting',
      label: 'Greeting',
      type: 'text',
      required: false,
      helpText: 'What the agent says first in this call. Leave it empty for its own greeting.',
    },
    {
      key: 'language',
      label: 'Language',
      type: 'string',
      required: false,
      placeholder: 'es-MX',
      helpText:
        'The language of this call, such as `es-MX`. Leave it empty for the agent’s own. It needs a Dograh Trigger server; ' +
        'Dograh ignores it.',
    },
    {
      key: 'voice',
      label: 'Voice',
      type: 'string',
      required: false,
      placeholder: 'Polly.Mia',
      helpText:
        'Who speaks in this call: the carrier’s own name of a voice, such as `Polly.Mia`. Leave it empty for the agent’s ' +
        'own. It needs a Dograh Trigger server; Dograh ignores it.',
    },
    {
      key: 'voicemail',
      label: 'Voicemail',
      type: 'string',
      required: false,
      choices: {
        hang_up: 'Hang up',
        leave_message: 'Leave a message',
        speak: 'Speak the greeting',
      },
      helpText:
        'What to do if a machine answers: hang up before it hears anything, leave the Voicemail Message after its greeting, ' +
        'or speak the agent’s greeting to whoever answers. Leave it empty for the agent’s own setting. It needs a Dograh ' +
        'Trigger server; Dograh ignores it.',
    },
    {
      key: 'voicemail_message',
      label: 'Voicemail Message',
      type: 'text',
      required: false,
      helpText:
        'What is left on a machine. Leave it empty for the agent’s greeting. It needs Leave a message in Voicemail.',
    },
    {
      key: 'telephony_configuration_id',
      label: 'Telephony Configuration',
      type: 'integer',
      required: false,
      dynamic: 'list_telephony_configurations.id.name',
      helpText: 'The carrier account to call through. Leave it empty for the default one.',
    },
    {
      key: 'from_phone_number_id',
      label: 'Caller ID',
      type: 'integer',
      required: false,
      dynamic: 'list_phone_numbers.id.name',
      dependsOn: ['telephony_configuration_id'],
      helpText: 'The number that the phone shows. Leave it empty for the default one.',
    },
    ...scheduleFields,
    {
      key: 'call_reference',
      label: 'Call Reference',
      type: 'string',
      required: false,
      helpText:
        'What the call is about, such as the ID of an order or appointment, mapped from the record. With it the ' +
        `${label} steps of this Zap with the same agent, environment and number call once for each reference in 30 ` +
        'days, whatever the variables say. Without it the same input in all fields is one call for 12 hours; a variable ' +
        `with the current time in it then makes every replay another call. Two equal ${label} steps that are to make ` +
        'two calls need two references.',
    },
    {
      key: 'if_placed_before',
      label: ifPlacedBeforeLabel,
      type: 'string',
      required: false,
      default: 'skip',
      choices: Object.fromEntries(ifPlacedBefore.map((choice) => [choice, ifPlacedBeforeChoices[choice]])),
      helpText:
        `What to do when Zapier replays this step, or another run or ${label} step of this Zap has the same Call ` +
        `Reference or the same input. ${ifPlacedBefore.map((choice) => ifPlacedBeforeHelp[choice]).join(' ')}`,
    },
  ]);
}

export type CallInput = InferInputData<ReturnType<typeof callInputFields>>;

export type Call = CallRequest & { initialContext: JsonObject };

/** @throws TriggerError */
export async function readCall(client: TriggerClient, input: CallInput): Promise<Call> {
  const environment = readEnvironment(input.environment);
  // Checked first, so that invalid input is refused without a request to the server.
  readTarget(input.agent, environment);
  const call = {
    environment,
    phoneNumber: readPhoneNumber(input),
    initialContext: readContext(input),
    telephonyConfigurationId: readId('Telephony Configuration', input.telephony_configuration_id),
    fromPhoneNumberId: readId('Caller ID', input.from_phone_number_id),
    language: fieldText(input.language) || undefined,
    voice: fieldText(input.voice) || undefined,
    ...readSchedule(input),
    voicemail: readVoicemailFields(input.voicemail, input.voicemail_message),
  };
  return { ...call, target: await findTarget(client, input.agent, environment) };
}
