/** When a call that reached nobody is placed again. */
import * as z from 'zod';
import { durationSeconds } from './duration';

/** The endings after which a call can be placed again. */
export const retryConditions = ['busy', 'no-answer', 'voicemail', 'unreachable'] as const;
export type RetryCondition = (typeof retryConditions)[number];

export const mostAttempts = 10;

const longestPauseSeconds = 30 * 24 * 60 * 60;

const pause = z.string().refine((text) => {
  const seconds = durationSeconds(text);
  return seconds !== null && seconds >= 1 && seconds <= longestPauseSeconds;
}, 'Use a duration from PT1S to P30D, such as PT15M, PT2H or P1D');

export const retry = z.strictObject({
  max_attempts: z.int().min(1).max(mostAttempts).meta({
    description: 'How often the call is placed at most, with the first time. 1: only once.',
  }),
  on: z.array(z.enum(retryConditions)).min(1).meta({
    description:
      'After which endings. busy: the line was busy. no-answer: nobody answered in time, or the phone was switched off. voicemail: a machine answered. unreachable: the network found no way to the phone, had no capacity, or the phone was switched off.',
  }),
  after: z
    .array(pause)
    .min(1)
    .max(mostAttempts - 1)
    .meta({
      description:
        'How long after the end of one attempt the next one is due: the first pause, the second, and so on. The last one repeats. ISO 8601 durations from PT1S to P30D.',
    }),
  rotate_caller_id: z.boolean().optional().meta({
    description:
      'Whether each attempt shows another caller ID of the telephony configuration than the one before. By default they show the same.',
  }),
});
export type Retry = z.infer<typeof retry>;

/** The settings of a redial that the documents show. */
export const retryExample = {
  max_attempts: 3,
  on: ['busy', 'no-answer'],
  after: ['PT15M', 'PT2H'],
} satisfies Retry;
