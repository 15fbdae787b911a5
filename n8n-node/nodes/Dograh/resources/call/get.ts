/** Call: Get. What became of a call. */
import { fieldRefusal } from '@dograh-trigger/shared';
import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { createClient } from '../../shared/client';
import { readId } from '../../shared/parameters';
import { simplifyRun } from '../../shared/simplify';

const displayOptions = { show: { resource: ['call'], operation: ['get'] } };

export const getDescription: INodeProperties[] = [
  {
    displayName: 'Run ID',
    name: 'runId',
    type: 'string',
    required: true,
    default: '',
    placeholder: 'e.g. {{ $json.run_id }}',
    description: 'The call to read: the run_id that Place returns',
    displayOptions,
  },
  {
    displayName: 'Simplify',
    name: 'simplify',
    type: 'boolean',
    default: true,
    description: 'Whether to return a simplified version of the response instead of the raw data',
    displayOptions,
  },
];

/** @throws TriggerError `not_found` when the organization has no such run. */
export async function getCall(context: IExecuteFunctions, itemIndex: number): Promise<IDataObject> {
  const runId = readId('Run ID', context.getNodeParameter('runId', itemIndex));
  if (runId === undefined) throw fieldRefusal('Run ID', 'enter the run_id that Place returned');

  const client = await createClient(context);
  const run = await client.getRun(runId, { signal: context.getExecutionCancelSignal() });
  return context.getNodeParameter('simplify', itemIndex, true) ? simplifyRun(run) : (run as IDataObject);
}
