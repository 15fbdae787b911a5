/** When a call is placed: the fields of a trigger request that let it wait, and how its run shows that it waits. */
import * as z from 'zod';
import { retry } from './retry';
import { timeZone } from './time-zone';

/** What happens to a call that cannot be placed now. */
export const waitingChoices = ['refuse', 'wait'] as const;
export type WaitingChoice = (typeof waitingChoices)[number];

/**
 * What a queued call waits for: its time, the calling hours of the callee, the limit of calls to its number, a free slot,
 * its turn at the carrier account, a carrier that could not be reached, or its turn in its campaign, which may be paused.
 */
export const waitingReasons = [
  'time',
  'hours',
  'number_limit',
  'slot',
  'pace',
  'carrier',
  'campaign',
] as const;
export type WaitingReason = (typeof waitingReasons)[number];

/** How far ahead a call may be planned. */
export const farthestDays = 366;

/** An instant of RFC 3339 with an offset: without one, nobody knows which clock is meant. */
const instant = z.iso
  .datetime({
    offset: true,
    error: 'Use an instant with an offset, such as 2026-12-24T09:00:00+01:00 or 2026-12-24T08:00:00Z',
  })
  .meta({ example: '2026-12-24T09:00:00+01:00' });

export const reference = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'Leave out control characters and halves of surrogate pairs');

export const mostMetadataKeys = 16;

export const metadata = z
  .record(z.string().min(1).max(40), z.string().max(500))
  .refine(
    (values) => Object.keys(values).length <= mostMetadataKeys,
    `Use at most ${String(mostMetadataKeys)} keys`,
  );
export type Metadata = z.infer<typeof metadata>;

/** What a trigger request says about its time. */
export const scheduleFields = z.object({
  not_before: instant.nullish(),
  not_after: instant.nullish(),
  when_busy: z.enum(waitingChoices).nullish(),
  outside_hours: z.enum(waitingChoices).nullish(),
  time_zone: timeZone.nullish(),
  pin_version: z.boolean().nullish(),
  retry: retry.nullish(),
  reference: reference.nullish(),
  metadata: metadata.nullish(),
});
export type ScheduleFields = z.output<typeof scheduleFields>;

/** `PATCH` of a queued call: what is left out stays, null removes. */
export const queuedCallChanges = scheduleFields
  .pick({
    not_before: true,
    not_after: true,
    when_busy: true,
    outside_hours: true,
    time_zone: true,
    retry: true,
    reference: true,
    metadata: true,
  })
  .meta({
    id: 'QueuedCallChanges',
    examples: [{ not_before: '2026-12-24T10:00:00+01:00', reference: 'order-7823' }],
  });
export type QueuedCallChanges = z.output<typeof queuedCallChanges>;
