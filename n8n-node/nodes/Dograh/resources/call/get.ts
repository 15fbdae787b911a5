/** Call: Get. The current state of a call. */
import type { INodeProperties } from 'n8n-workflow';
import { createClient } from '../../runtime/client';
import { forEachItem, tenAtOnce, type Operation } from '../../runtime/items';
import { outputFields, outputRuns } from '../../fields/output';
import { readRunId } from '../../runtime/parameters';
import { runIdField } from '../../fields/run-id-field';

const show = { resource: ['call'], operation: ['get'] };

export const getFields: INodeProperties[] = [runIdField(show), ...outputFields(show)];

export const getCalls: Operation = async (context) => {
  const runs = await forEachItem(context, tenAtOnce, async (itemIndex) => {
    const runId = readRunId(context.getNodeParameter('runId', itemIndex));
    const client = await createClient(context, { itemIndex });
    return client.getRun(runId, { signal: context.getExecutionCancelSignal() });
  });
  return outputRuns(context, runs);
};
