/** Which numbers an organization may call, when, and how often. It limits the phone bill if a key leaks. */
import * as z from 'zod';
import { timeZone } from './time-zone';

/** Kinds of number that are refused unless the policy allows them. */
export const guardedNumberTypes = ['premium_rate', 'shared_cost', 'satellite'] as const;
export type GuardedNumberType = (typeof guardedNumberTypes)[number];

export const weekdays = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
] as const;
export type Weekday = (typeof weekdays)[number];

const callingHours = z
  .strictObject({
    from: z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'Write a time from 00:00 to 23:59, such as 09:00')
      .meta({ example: '09:00' }),
    to: z
      .string()
      .regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'Write a time from 00:00 to 24:00, such as 20:00')
      .meta({
        example: '20:00',
        description:
          'The first minute without calls. If it is earlier than `from`, the hours end on the next day.',
      }),
    days: z
      .array(z.enum(weekdays))
      .min(1)
      .max(weekdays.length)
      .default([...weekdays])
      .meta({ description: 'The days on which the hours begin. Default: every day.' }),
    time_zone: timeZone.nullable().default(null).meta({
      example: 'Europe/Berlin',
      description:
        'Null: the time zone of the called number’s country. If the country has several, calls are allowed only while the hours are open in all of them.',
    }),
  })
  .refine(({ from, to }) => from !== to, {
    path: ['to'],
    error: 'The hours begin and end at the same time. For the whole day write 00:00 to 24:00',
  });
export type CallingHours = z.output<typeof callingHours>;

export const destinationPolicy = z.strictObject({
  allowed_calling_codes: z
    .array(z.string().regex(/^[1-9]\d{0,2}$/, 'Write a calling code as 1 to 3 digits without +, such as 44'))
    .max(300)
    .nullable()
    .default(null)
    .meta({
      example: ['1', '44'],
      description: 'Only these may be called. Null: all. Empty: none, so no call is placed.',
    }),
  blocked_prefixes: z
    .array(
      z.string().regex(/^\+[1-9]\d{0,13}$/, 'Write the first digits of the numbers with +, such as +4470'),
    )
    .max(1000)
    .default([])
    .meta({
      example: ['+4470'],
      description:
        'Numbers that begin so are never called. A single number belongs into the do-not-call list.',
    }),
  calling_hours: callingHours
    .nullable()
    .default(null)
    .meta({ description: 'When calls may be placed, in the callee’s time. Null: at any time.' }),
  daily_calls_per_key: z.int().min(1).max(1_000_000).nullable().default(null).meta({
    description:
      'How many calls one API key may place per UTC day. Calls are counted only while a limit is set, so a limit that is set at noon counts from noon. Null: no limit.',
  }),
  allowed_number_types: z.array(z.enum(guardedNumberTypes)).max(guardedNumberTypes.length).default([]).meta({
    description:
      'Expensive kinds of number that may be called. satellite also includes the other international networks (870, 878, 881, 882, 883).',
  }),
});
export type DestinationPolicy = z.output<typeof destinationPolicy>;

export const replaceDestinationPolicyRequest = destinationPolicy
  .extend({
    revision: z.string().max(64).nullish().meta({
      description:
        'The revision that the change is based on. If the policy has another one now, nothing is saved (409, policy_changed). Without it, the policy is replaced in any case.',
    }),
  })
  .meta({
    id: 'ReplaceDestinationPolicyRequest',
    examples: [
      { allowed_calling_codes: ['1', '44'], blocked_prefixes: ['+4470'], daily_calls_per_key: 100 },
      { calling_hours: { from: '09:00', to: '20:00', days: ['monday', 'friday'], time_zone: null } },
    ],
  });
export type ReplaceDestinationPolicyRequest = z.output<typeof replaceDestinationPolicyRequest>;

export const destinationPolicyInForce = destinationPolicy
  .extend({
    revision: z.string().meta({
      description:
        'Changes with every change of the policy. Send it back with PUT to save only if nobody has changed the policy since.',
    }),
  })
  .meta({ id: 'DestinationPolicyInForce' });
export type DestinationPolicyInForce = z.output<typeof destinationPolicyInForce>;

export const destinationCheckRequest = z
  .object({
    phone_number: z.string().meta({ example: '+14155550100' }),
    at: z.iso.datetime({ offset: true }).nullish().meta({
      description: 'When the call would be placed. Null or absent: now.',
      example: '2026-11-23T20:30:00Z',
    }),
  })
  .meta({
    id: 'DestinationCheckRequest',
    examples: [{ phone_number: '+14155550100', at: '2026-11-23T20:30:00Z' }],
  });

export const destinationCheck = z
  .object({
    allowed: z.boolean(),
    reason: z.string().nullable().meta({
      description:
        'The type of the refusal that a call would get: phone_number (no carrier could dial it) or destination_refused. Null when it is allowed.',
      example: 'destination_refused',
    }),
    rule: z.string().nullable().meta({
      description: 'The rule of the policy that refuses it. Null when none does.',
      example: 'calling_hours',
    }),
    detail: z.string().nullable().meta({ description: 'The text of the refusal.' }),
    phone_number: z.string().nullable().meta({
      description: 'As it would be dialled, in E.164. Null for a number that cannot be dialled.',
      example: '+14155550100',
    }),
    countries: z.array(z.string()).meta({
      description: 'ISO 3166 codes of the countries that the number could belong to.',
      example: ['US'],
    }),
    number_type: z.string().nullable().meta({
      description:
        'The kind of number by its numbering plan, such as mobile, fixed_line or premium_rate. Null where the plan does not say.',
      example: 'fixed_line_or_mobile',
    }),
  })
  .meta({ id: 'DestinationCheck' });
export type DestinationCheck = z.infer<typeof destinationCheck>;
