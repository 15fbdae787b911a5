/** Call: Place and Wait. Places the calls of all items, then waits for all of them in one loop. */
import type { INodeProperties } from 'n8n-workflow';
import type { Operation } from '../../runtime/items';
import { outputFields, outputRuns } from '../../fields/output';
import { readWaitFields, waitForOutcomes } from '../../fields/wait-fields';
import { placeItems } from './place';

export const placeAndWaitFields: INodeProperties[] = outputFields({
  resource: ['call'],
  operation: ['placeAndWait'],
});

export const placeCallsAndWait: Operation = async (context) => {
  // Invalid options fail before anybody is called.
  const limits = readWaitFields(context);
  const placed = await placeItems(context, limits.returnsUnfinished ? undefined : limits.timeoutSeconds);
  // The failed item ends the execution. Waiting for the others would only delay the error.
  if (!context.continueOnFail() && placed.some((outcome) => 'error' in outcome)) {
    return placed.map((outcome) => ('error' in outcome ? outcome : { value: [] }));
  }
  const ended = await waitForOutcomes(context, limits, placed, ({ call }) => call.runId);
  return outputRuns(context, ended, (itemIndex) => {
    const outcome = placed[itemIndex];
    return outcome && 'value' in outcome ? { already_placed: outcome.value.alreadyPlaced } : {};
  });
};
