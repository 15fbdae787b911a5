/** Every operation of the node, by resource. */
import { fieldRefusal } from '@dograh-trigger/shared';
import type { IExecuteFunctions } from 'n8n-workflow';
import { asError } from '../runtime/errors';
import { forEachItem, oneByOne, type Operation } from '../runtime/items';
import { agentOperations } from './agent';
import { callOperations } from './call';

export const resources: ReadonlyMap<unknown, ReadonlyMap<unknown, Operation>> = new Map([
  ['agent', agentOperations],
  ['call', callOperations],
]);

/** n8n adds "Custom API Call" to the lists, which means the HTTP Request node with this credential. */
const refuse: Operation = (context) =>
  forEachItem(context, oneByOne, () =>
    Promise.reject(fieldRefusal('Operation', 'choose one from the list, or use the HTTP Request node')),
  );

/**
 * The operation that the node is set to; n8n takes no expression for either field, so all items have the same. What is
 * wrong with all items at once, such as an option or a wait that was canceled, is the error of each.
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
