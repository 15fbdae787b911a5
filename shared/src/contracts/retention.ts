/** How long an organization keeps its calls, and the erasure of a person's. */
import * as z from 'zod';

/** A hundred years: longer is for ever, which is null. */
const mostDays = 36_500;

function days(description: string, byDefault: number | null) {
  return z
    .int()
    .min(1)
    .max(mostDays)
    .nullable()
    .default(byDefault)
    .meta({ description: `${description} Null: for ever.` });
}

export const retentionSettings = z
  .strictObject({
    runs_days: days(
      'How many days a call that has ended is kept, with its files and events. Its recordings are deleted at the carrier, too, where that can be done by request. A call is kept longer while its idempotency key holds, or while an event of it is not delivered. The contacts of a campaign are kept as long after its end.',
      null,
    ),
    artifacts_days: days(
      'How many days the recording and the transcript of a call are kept. The copy of the carrier is not touched.',
      null,
    ),
    event_bodies_days: days(
      'How many days the body of a delivered event is kept, with what the receiver answered. Without its body an event cannot be sent again.',
      30,
    ),
    events_days: days(
      'How many days an event that is delivered, canceled or given up is kept, with its attempts.',
      null,
    ),
  })
  .meta({
    id: 'RetentionSettings',
    examples: [{ runs_days: 365, artifacts_days: 90, event_bodies_days: 30, events_days: 180 }],
  });
export type RetentionSettings = z.output<typeof retentionSettings>;

export const erasedRun = z
  .object({
    workflow_run_id: z.int(),
    erased_at: z.string().meta({ example: '2026-11-23T12:00:00.000Z' }),
  })
  .meta({ id: 'ErasedRun' });
export type ErasedRun = z.output<typeof erasedRun>;

export const eraseRequest = z
  .object({
    phone_number: z.string().meta({ example: '+14155550100', description: 'The number that was called.' }),
  })
  .meta({ id: 'EraseRequest', examples: [{ phone_number: '+14155550100' }] });

export const eraseReply = z
  .object({
    erased: z
      .int()
      .meta({ description: 'How many calls were erased now. Those erased before do not count.' }),
  })
  .meta({ id: 'EraseReply' });
export type EraseReply = z.output<typeof eraseReply>;
