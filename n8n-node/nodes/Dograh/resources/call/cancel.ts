/** Call: Cancel. Ends a call that is queued, ringing or answered. */
import { TriggerError } from '@dograh-trigger/shared';
import type { INodeProperties } from 'n8n-workflow';
import { createClient } from '../../runtime/client';
import { forEachItem, itemOutput, tenAtOnce, type Operation } from '../../runtime/items';
import { readRunId } from '../../runtime/parameters';
import { runIdField } from '../../fields/run-id-field';

const show = { resource: ['call'], operation: ['cancel'] };

export const cancelFields: INodeProperties[] = [runIdField(show)];

/** Returns when the carrier was asked to end the call. The call has ended when the carrier reports it. */
export const cancelCalls: Operation = (context) =>
  forEachItem(context, tenAtOnce, async (itemIndex) => {
    const runId = readRunId(context.getNodeParameter('runId', itemIndex));
    const client = await createClient(context, { itemIndex });
    if (!(await client.capabilities()).extensions.has('cancel')) {
      throw new TriggerError({
        code: 'not_found',
        message:
          'This server cannot cancel calls; the Dograh Trigger server can. The call goes on until it ends by itself.',
      });
    }
    return itemOutput(itemIndex, { run_id: runId, canceled: await client.cancelRun(runId) });
  });
