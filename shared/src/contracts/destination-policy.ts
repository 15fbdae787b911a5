/** Which numbers an organization may call, when, and how often. It limits the phone bill if a key leaks. */
import * as z from 'zod';
import { durationSeconds } from './duration';
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

const callingWindow = z
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
          'The first minute without calls. If it is earlier than `from`, the window ends on the next day.',
      }),
    days: z
      .array(z.enum(weekdays))
      .min(1)
      .max(weekdays.length)
      .default([...weekdays])
      .meta({ description: 'The days on which the window begins. Default: every day.' }),
  })
  .refine(({ from, to }) => from !== to, {
    path: ['to'],
    error: 'The window begins and ends at the same time. For the whole day write 00:00 to 24:00',
  });
export type CallingWindow = z.output<typeof callingWindow>;

const callingHours = z.strictObject({
  windows: z
    .array(callingWindow)
    .min(1)
    .max(10)
    .meta({ description: 'Calls may be placed in each of them; they may overlap.' }),
  holidays: z
    .array(z.iso.date('Write a date as year, month and day, such as 2026-12-25'))
    .max(400)
    .default([])
    .meta({
      example: ['2026-12-25'],
      description: 'Dates on which no calls are placed, from midnight to midnight on the same clock.',
    }),
  time_zone: timeZone.nullable().default(null).meta({
    example: 'Europe/Berlin',
    description:
      'Whose clock the hours are on. Null: the callee’s, by the area code of the number, else by its country. If several time zones are possible, calls are allowed only while the hours are open in all of them.',
  }),
});
export type CallingHours = z.output<typeof callingHours>;

/**
 * How the time zones of a call are known: named by the policy or by the request, or by the area code or the country of
 * the number.
 */
export const zoneSources = ['policy', 'request', 'prefix', 'country'] as const;
export type ZoneSource = (typeof zoneSources)[number];

/** 31 days. */
export const longestWindowSeconds = 31 * 24 * 60 * 60;

const callsPerNumber = z.strictObject({
  calls: z.int().min(1).max(1000).meta({ example: 3 }),
  window: z
    .string()
    .refine((text) => {
      const seconds = durationSeconds(text);
      return seconds !== null && seconds >= 60 && seconds <= longestWindowSeconds;
    }, 'Write an ISO 8601 duration from PT1M to P31D, such as P1D or PT12H')
    .meta({ example: 'P1D', description: 'An ISO 8601 duration from PT1M to P31D. A day has 24 hours.' }),
});
export type CallsPerNumber = z.output<typeof callsPerNumber>;

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
  max_calls_per_number: callsPerNumber.nullable().default(null).meta({
    description:
      'How often one number may be called in any window of this length, over all keys and agents. Each dial counts, except one that called nobody because of a passing failure. A further call is refused until the first of them is out of the window; one with outside_hours wait is queued until then. Calls are counted only while a limit is set. Null: no limit.',
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
      {
        allowed_calling_codes: ['1', '44'],
        blocked_prefixes: ['+4470'],
        daily_calls_per_key: 100,
        max_calls_per_number: { calls: 3, window: 'P1D' },
      },
      {
        calling_hours: {
          windows: [
            { from: '09:00', to: '12:30', days: ['monday', 'friday'] },
            { from: '14:00', to: '18:00', days: ['monday', 'friday'] },
          ],
          holidays: ['2026-12-25'],
          time_zone: null,
        },
      },
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
    phone_numbers: z
      .array(z.string().max(100))
      .min(1)
      .max(1000)
      .meta({ example: ['+14155550100', '+442079460000'] }),
    at: z.iso.datetime({ offset: true }).nullish().meta({
      description: 'When the calls would be placed. Null or absent: now.',
      example: '2026-11-23T20:30:00Z',
    }),
    time_zone: timeZone.nullish().meta({
      description: 'The time zone of all these callees. Null or absent: found from each number.',
      example: 'America/New_York',
    }),
  })
  .meta({
    id: 'DestinationCheckRequest',
    examples: [{ phone_numbers: ['+14155550100', '+442079460000'], at: '2026-11-23T20:30:00Z' }],
  });

const destinationCheck = z
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
    opens_at: z.string().nullable().meta({
      description:
        'From when on the number may be called. Null when it is allowed, or not allowed at any time.',
      example: '2026-11-24T17:00:00.000Z',
    }),
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

export const destinationChecks = z
  .object({
    results: z.array(destinationCheck).meta({ description: 'One for each number, in the same order.' }),
  })
  .meta({ id: 'DestinationChecks' });
export type DestinationChecks = z.infer<typeof destinationChecks>;
