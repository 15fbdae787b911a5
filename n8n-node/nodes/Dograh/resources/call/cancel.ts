/** Call: Cancel. Ends a call that is queued, ringing or answered. */
import { isTriggerError, summarizeRun, TriggerError } from '@dograh-trigger/shared';
import type { INodeProperties } from 'n8n-workflow';
import { createClient } from '../../shared/client';
import { asError } from '../../shared/errors';
import { forEachItem, itemOutput, tenAtOnce, type Operation } from '../../shared/items';
import { readRunId } from '../../shared/parameters';
import { runIdField } from './runIdField';

const show = { resource: ['call'], operation: ['cancel'] };

export const cancelFields: INodeProperties[] = [runIdField(show)];

/**
 * The server has told the carrier when this returns; the call has ended when the carrier reports it. A call that has ended
 * by itself is no failure: whoever wants it to be over has that.
 */
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
    try {
      await client.cancelRun(runId);
    } catch (error) {
      const hasEnded =
        isTriggerError(error) &&
        error.code === 'conflict' &&
        summarizeRun(await client.getRun(runId)).hasEnded;
      if (hasEnded) return itemOutput(itemIndex, { run_id: runId, canceled: false });
      throw asError(error);
    }
    return itemOutput(itemIndex, { run_id: runId, canceled: true });
  });
