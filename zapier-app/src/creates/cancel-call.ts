/** Ends a call in progress. */
import { fieldRefusal } from '@dograh-trigger/shared';
import { defineCreate, defineInputFields, type Bundle, type InferInputData } from 'zapier-platform-core';
import { unsupported } from '../platform/errors';
import { readId } from '../platform/fields';
import { serverNote } from '../platform/server-note';
import { step } from '../platform/step';
import sample from '../samples/cancel-call.json';

const inputFields = defineInputFields([
  {
    key: 'run',
    label: 'Run ID',
    type: 'integer',
    required: true,
    helpText: 'The ID of the call, mapped from the step that started it or found it.',
  },
]);

const insteadOfCanceling = 'A call goes on until it ends by itself.';

export const cancelCallStep = step(
  async (client, { inputData }: Bundle<InferInputData<typeof inputFields>>, z) => {
    const runId = readId('Run ID', inputData.run);
    if (runId === undefined) throw fieldRefusal('Run ID', 'map the ID of the call');
    if (!(await client.capabilities()).extensions.has('cancel')) {
      throw unsupported(z, `This server cannot end a call (\`cancel\`). ${insteadOfCanceling}`);
    }
    return { id: runId, is_canceled: await client.cancelRun(runId) };
  },
);

export const cancelCall = defineCreate({
  key: 'cancel_call',
  noun: 'Call',
  display: {
    label: 'Cancel Call',
    description: 'Ends a call that is waiting, ringing or answered.',
  },
  operation: {
    perform: cancelCallStep,
    inputFields: [serverNote(['cancel'], insteadOfCanceling), ...inputFields],
    sample,
    outputFields: [
      { key: 'id', label: 'Run ID', type: 'integer', primary: true },
      { key: 'is_canceled', label: 'Was Ended by This Step', type: 'boolean' },
    ],
  },
});
