/** Starts a call and ends as soon as the server has taken it: what came of the call is another step's question. */
import {
  fieldText,
  idempotencyKey,
  readPhoneNumberField,
  type CallRequest,
  type JsonObject,
} from '@dograh-trigger/shared';
import { defineCreate, defineInputFields, type Bundle, type InferInputData } from 'zapier-platform-core';
import { readContext } from '../lib/context';
import { readEnvironment, readId, readTarget } from '../lib/fields';
import { step, stepMeta } from '../lib/step';
import sample from '../samples/start_call.json';

const key = 'start_call';

const inputFields = defineInputFields([
  {
    key: 'agent',
    label: 'Agent',
    type: 'string',
    required: true,
    dynamic: 'list_agents.id.name',
    helpText:
      'The voice agent that makes the call. To map it from another step, use its trigger URL or the last part of it.',
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
    helpText:
      'The number to call, with `+` and the country calling code, such as `+14155550100`. ' +
      '**Testing this step places a real call every time:** use your own number.',
  },
  {
    key: 'initial_context',
    label: 'Variables',
    dict: true,
    required: false,
    helpText: 'Values that the prompts of the agent use, by name, such as `first_name` and `Jane`.',
  },
  {
    key: 'initial_context_json',
    label: 'Variables as JSON',
    type: 'json',
    required: false,
    helpText:
      'For nested values and numbers, one JSON object such as `{"user": {"name": "Jane"}}`. ' +
      'A name that is also in Variables takes the value from here.',
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
  {
    key: 'call_reference',
    label: 'Call Reference',
    type: 'string',
    required: false,
    helpText:
      'What makes this call different from others to the same number, such as the ID of an order or appointment. ' +
      'On a server with duplicate protection, this Zap calls only once in 24 hours for the same input in all ' +
      'fields, this one included.',
  },
]);

type Input = InferInputData<typeof inputFields>;

export const startCallStep = step(async (client, bundle: Bundle<Input>) => {
  const call = readCall(bundle.inputData);
  const placed = await client.triggerCall({ ...call, idempotencyKey: callKey(call, bundle) });
  return {
    id: placed.runId,
    workflow_run_id: placed.runId,
    workflow_run_name: placed.runName,
    status: placed.status,
    agent: bundle.inputData.agent,
    agent_id: placed.workflowId,
    environment: call.environment,
    phone_number: call.phoneNumber,
    replayed: placed.replayed,
  };
});

type Call = CallRequest & { initialContext: JsonObject };

/** @throws TriggerError `invalid_input` */
function readCall(input: Input): Call {
  const environment = readEnvironment(input.environment);
  return {
    target: readTarget(input.agent, environment),
    environment,
    phoneNumber: readPhoneNumberField(input.phone_number),
    initialContext: readContext(input.initial_context, input.initial_context_json),
    telephonyConfigurationId: readId('Telephony Configuration', input.telephony_configuration_id),
    fromPhoneNumberId: readId('Caller ID', input.from_phone_number_id),
  };
}

/**
 * The same for every replay of a run, so that a server which keeps such keys dials once. No time goes in: Zapier
 * replays up to six hours later. In the editor there are no replays, and whoever presses "Test" twice wants two
 * calls: no key.
 */
function callKey(call: Call, bundle: Bundle<Input>): string | undefined {
  const { zap, isLoadingSample } = stepMeta(bundle);
  if (isLoadingSample) return undefined;
  return idempotencyKey([
    'zapier',
    key,
    zap?.id ?? null,
    call.target,
    call.environment,
    call.phoneNumber,
    call.initialContext,
    call.telephonyConfigurationId ?? null,
    call.fromPhoneNumberId ?? null,
    fieldText(bundle.inputData.call_reference),
  ]);
}

export const startCall = defineCreate({
  key,
  noun: 'Call',
  display: { label: 'Start Call', description: 'Starts a phone call by a voice agent.' },
  operation: {
    perform: startCallStep,
    inputFields,
    sample,
    outputFields: [
      { key: 'id', label: 'ID', type: 'integer' },
      { key: 'workflow_run_id', label: 'Run ID', type: 'integer' },
      { key: 'workflow_run_name', label: 'Run Name', type: 'string' },
      { key: 'status', label: 'Status', type: 'string' },
      { key: 'agent', label: 'Agent', type: 'string' },
      { key: 'agent_id', label: 'Agent ID', type: 'integer' },
      { key: 'environment', label: 'Environment', type: 'string' },
      { key: 'phone_number', label: 'Phone Number', type: 'string' },
      { key: 'replayed', label: 'Replayed', type: 'boolean' },
    ],
  },
});
