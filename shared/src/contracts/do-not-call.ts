/** Numbers that an organization never calls, or not until an instant. */
import * as z from 'zod';
import { plainText, timestamp } from './json';

const source = plainText().trim().min(1).max(64);
const reason = plainText().trim().min(1).max(500);
const until = z.iso.datetime({
  offset: true,
  error: 'Write an instant with its offset, such as 2027-01-31T00:00:00Z',
});

export const doNotCallEntry = z
  .object({
    id: z.int().meta({ description: 'What the audit trail calls the entry.' }),
    number: z.string().meta({ description: 'In E.164.', example: '+14155550100' }),
    source: z.string().meta({
      description:
        'Where the entry comes from: what the request says, or else `user`, `key`, `run` (an opt-out of a call), `csv` (a file) or `policy` (a blocked number of the former destination policy).',
      example: 'key',
    }),
    reason: z.string().nullable().meta({ example: 'Asked by e-mail' }),
    until: timestamp.nullable().meta({ description: 'From then on the number may be called. Null: never.' }),
    is_active: z
      .boolean()
      .meta({ description: 'False once `until` has passed. The entry stays in the list.' }),
    run_id: z.int().nullable().meta({ description: 'The call in which the person opted out.' }),
    added_at: timestamp,
  })
  .meta({ id: 'DoNotCallEntry' });
export type DoNotCallEntry = z.infer<typeof doNotCallEntry>;

export const addToDoNotCallRequest = z
  .object({
    source: source.nullish().meta({ description: 'Default: `key` or `user`, by who adds it.' }),
    reason: reason.nullish(),
    until: until.nullish().meta({ description: 'Null or absent: the number is never called again.' }),
  })
  .meta({
    id: 'AddToDoNotCallRequest',
    examples: [{ source: 'support desk', reason: 'Asked by e-mail', until: null }],
  });
export type AddToDoNotCallRequest = z.output<typeof addToDoNotCallRequest>;

export const doNotCallPage = z
  .object({
    entries: z.array(doNotCallEntry),
    next_after: z.string().nullable().meta({
      description: 'Send it as `after` to read the next page. Null: this is the last page.',
    }),
  })
  .meta({ id: 'DoNotCallPage' });
export type DoNotCallPage = z.infer<typeof doNotCallPage>;

export const removedFromDoNotCall = z
  .object({ number: z.string(), removed: z.literal(true) })
  .meta({ id: 'RemovedFromDoNotCall' });

export const runOutcomeRequest = z
  .object({
    opt_out: z.boolean().meta({
      description: 'True: the person called does not want to be called again. False: nothing is recorded.',
    }),
    reason: reason.nullish(),
    until: until.nullish().meta({ description: 'Null or absent: the number is never called again.' }),
  })
  .meta({ id: 'RunOutcomeRequest', examples: [{ opt_out: true, reason: 'Said so in the call' }] });
export type RunOutcomeRequest = z.output<typeof runOutcomeRequest>;

export const recordedOutcome = z
  .object({
    workflow_run_id: z.int(),
    opt_out: z.boolean(),
    do_not_call: doNotCallEntry
      .nullable()
      .meta({ description: 'The entry of the number as it is now. Null where `opt_out` is false.' }),
  })
  .meta({ id: 'RecordedOutcome' });
export type RecordedOutcome = z.infer<typeof recordedOutcome>;
