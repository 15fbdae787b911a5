/** The queue of an organization: many calls that wait are canceled at once. */
import * as z from 'zod';
import { lenientId } from './json';
import { reference } from './schedule';

export const cancelQueuedRequest = z
  .object({
    api_key_id: lenientId.nullish().meta({ description: 'The calls that this key has queued.' }),
    workflow_id: lenientId.nullish().meta({ description: 'The calls of this agent.' }),
    reference: reference.nullish().meta({ description: 'The calls with this reference.' }),
  })
  .refine(
    (which) => Object.values(which).some((value) => value != null),
    'Name an api_key_id, a workflow_id or a reference',
  )
  .meta({ id: 'CancelQueuedRequest', examples: [{ api_key_id: 1 }, { reference: 'order-7823' }] });
export type CancelQueuedRequest = z.output<typeof cancelQueuedRequest>;

export const cancelQueuedReply = z
  .object({
    canceled: z.int().meta({ description: 'How many calls this request has canceled.', example: 12 }),
    has_more: z.boolean().meta({ description: 'Whether more calls may wait: then send the request again.' }),
  })
  .meta({ id: 'CancelQueuedReply' });
export type CancelQueuedReply = z.infer<typeof cancelQueuedReply>;
