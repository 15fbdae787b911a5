/** Call: Wait for Completion. Waits for calls that another step has placed, in one polling loop. */
import type { INodeProperties } from 'n8n-workflow';
import { forEachItem, oneByOne, type Operation } from '../../runtime/items';
import { outputFields, outputRuns } from '../../fields/output';
import { readRunId } from '../../runtime/parameters';
import { readWaitFields, waitForOutcomes, waitOptions } from '../../fields/wait-fields';
import { runIdField } from '../../fields/run-id-field';

const show = { resource: ['call'], operation: ['waitForCompletion'] };

export const waitFields: INodeProperties[] = [
  runIdField(show),
  ...outputFields(show),
  {
    displayName: 'Options',
    name: 'options',
    type: 'collection',
    placeholder: 'Add Option',
    default: {},
    displayOptions: { show },
    options: waitOptions(),
  },
];

export const waitForCompletion: Operation = async (context) => {
  const runIds = await forEachItem(context, oneByOne, async (itemIndex) =>
    Promise.resolve(readRunId(context.getNodeParameter('runId', itemIndex))),
  );
  const ended = await waitForOutcomes(context, readWaitFields(context), runIds, (runId) => runId);
  return outputRuns(context, ended);
};
