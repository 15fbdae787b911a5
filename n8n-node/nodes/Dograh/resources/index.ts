/** Every operation of the node, by resource. */
import { fieldRefusal } from '@dograh-trigger/shared';
import type { IExecuteFunctions } from 'n8n-workflow';
import { asError } from '../runtime/errors';
import { forEachItem, oneByOne, type Operation } from '../runtime/items';
import { agentOperations } from './agent';
import { callOperations } from './call';
import { campaignOperations } from './campaign';
import { doNotCallOperations } from './do-not-call';

export const resources: ReadonlyMap<unknown, ReadonlyMap<unknown, Operation>> = new Map([
  ['agent', agentOperations],
  ['call', callOperations],
  ['campaign', campaignOperations],
  ['doNotCall', doNotCallOperations],
]);

/** Runs for "Custom API Call", which n8n adds to the lists for the HTTP Request node with this credential. */
const refuse: Operation = (context) =>
  forEachItem(context, oneByOne, () =>
    Promise.reject(fieldRefusal('Operation', 'choose one from the list, or use the HTTP Request node')),
  );

/**
 * The selected operation. It is the same for all items, because n8n allows no expressions in these two fields. An
 * error that affects all items, such as an invalid option or a canceled wait, becomes the error of each item.
 */
export function chosenOperation(context: IExecuteFunctions): () => ReturnType<Operation> {
  const operations = resources.get(context.getNodeParameter('resource', 0));
  const operation = operations?.get(context.getNodeParameter('operation', 0)) ?? refuse;
  return async () => {
    try {
      return await operation(context);
    } catch (error) {
      return context.getInputData().map(() => ({ error: asError(error) }));
    }
  };
}
