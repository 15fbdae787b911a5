/** Finds a call and its current state, by its run id, or the last call to a number. */
import { fieldRefusal, fieldText, isTriggerError, type TriggerClient } from '@dograh-trigger/shared';
import { defineInputFields, defineSearch, type Bundle, type InferInputData } from 'zapier-platform-core';
import { chosenAgent } from '../call/agents';
import { callOutputFields, fullCallRecord } from '../call/call-record';
import { extractedOutputFields } from '../call/variables';
import { readId } from '../platform/fields';
import { defaultCountryField, readPhoneNumber } from '../call/phone-number';
import { step } from '../platform/step';
import sample from '../samples/call.json';

// The field is not called `run_id`, because Zapier requires a dropdown for every field with that ending. This one is
// mapped from Start Call.
const inputFields = defineInputFields([
  {
    key: 'run',
    label: 'Run ID',
    type: 'integer',
    required: false,
    helpText: 'The ID of the call, mapped from the Start Call step. The other fields are not used with it.',
  },
  {
    key: 'phone_number',
    label: 'Phone Number',
    type: 'string',
    required: false,
    helpText:
      'Without a Run ID: the number that was called, such as `+14155550100`. The last call to it is found.',
  },
  defaultCountryField,
  {
    key: 'agent',
    label: 'Agent',
    type: 'string',
    required: false,
    dynamic: 'list_agents.id.name',
    helpText: 'Without a Run ID: only calls of this agent. Leave it empty for the calls of all agents.',
  },
]);

type Input = InferInputData<typeof inputFields>;

export const findCallStep = step(async (client, { inputData }: Bundle<Input>, z, deadline) => {
  const runId = readId('Run ID', inputData.run) ?? (await findLastCall(client, inputData));
  if (runId === undefined) return [];
  try {
    return [await fullCallRecord(z, client, await client.getRun(runId), deadline)];
  } catch (error) {
    // For Zapier a search without a match is a result, not an error.
    if (isTriggerError(error) && error.code === 'not_found') return [];
    throw error;
  }
});

async function findLastCall(client: TriggerClient, input: Input): Promise<number | undefined> {
  if (fieldText(input.phone_number) === '') {
    throw fieldRefusal('Run ID', 'map the ID from the Start Call step, or enter a phone number');
  }
  const number = readPhoneNumber(input);
  const agent = await chosenAgent(client, input.agent);
  // The server also matches parts of the number.
  const { runs } = await client.listCalls({ calledNumber: number, agentId: agent?.id });
  return runs.find(({ called_number: calledNumber }) => calledNumber === number)?.id;
}

export const findCall = defineSearch({
  key: 'find_call',
  noun: 'Call',
  display: {
    label: 'Find Call',
    description: 'Finds a call by its run ID or its number, with its result once it has ended.',
  },
  operation: {
    perform: findCallStep,
    inputFields,
    sample,
    outputFields: [...callOutputFields, extractedOutputFields],
  },
});
