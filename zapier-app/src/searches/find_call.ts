/** Finds a call by its run, and what came of it so far. */
import { fieldRefusal, isTriggerError } from '@dograh-trigger/shared';
import { defineInputFields, defineSearch, type Bundle, type InferInputData } from 'zapier-platform-core';
import { readId } from '../lib/fields';
import { flattenRun } from '../lib/run';
import { step } from '../lib/step';
import sample from '../samples/find_call.json';

// Not `run_id`: Zapier wants a dropdown for every field that ends so, and this one is mapped from Start Call.
const inputFields = defineInputFields([
  {
    key: 'run',
    label: 'Run ID',
    type: 'integer',
    required: true,
    helpText: 'The ID of the call, mapped from the Start Call step.',
  },
]);

export const findCallStep = step(async (client, bundle: Bundle<InferInputData<typeof inputFields>>) => {
  const runId = readId('Run ID', bundle.inputData.run);
  if (runId === undefined) throw fieldRefusal('Run ID', 'map the ID from the Start Call step');
  try {
    return [flattenRun(await client.getRun(runId))];
  } catch (error) {
    // To Zapier a search without a match is an answer, not an error.
    if (isTriggerError(error) && error.code === 'not_found') return [];
    throw error;
  }
});

export const findCall = defineSearch({
  key: 'find_call',
  noun: 'Call',
  display: {
    label: 'Find Call',
    description: 'Finds a call by its run ID, with its result once it has ended.',
  },
  operation: {
    perform: findCallStep,
    inputFields,
    sample,
    outputFields: [
      { key: 'id', label: 'ID', type: 'integer' },
      { key: 'name', label: 'Run Name', type: 'string' },
      { key: 'agent_id', label: 'Agent ID', type: 'integer' },
      { key: 'status', label: 'Status', type: 'string' },
      { key: 'is_completed', label: 'Is Completed', type: 'boolean' },
      { key: 'disposition', label: 'Disposition', type: 'string' },
      { key: 'duration_seconds', label: 'Duration in Seconds', type: 'number' },
      { key: 'phone_number', label: 'Phone Number', type: 'string' },
      { key: 'created_at', label: 'Created At', type: 'datetime' },
      { key: 'transcript_url', label: 'Transcript URL', type: 'string' },
      { key: 'recording_url', label: 'Recording URL', type: 'string' },
    ],
  },
});
