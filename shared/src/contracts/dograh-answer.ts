/** The answer of an agent whose calls a Dograh holds: which of its agents talks. */
import * as z from 'zod';
import { parseTriggerReference } from '../trigger-url';

export const dograhAnswer = z
  .strictObject({
    mode: z.literal('dograh'),
    agent: z
      .string({ error: 'Name the agent at Dograh: its trigger URL, its trigger UUID or its agent UUID' })
      .refine((text) => parseTriggerReference(text) !== null, {
        error:
          'This names no agent at Dograh. Copy its trigger URL or its UUID, or write workflow/ before the UUID of the agent',
      })
      .meta({
        description:
          'The agent at Dograh: a trigger URL, a trigger UUID, an agent UUID, or workflow/ and an agent UUID.',
        example: 'workflow/0b7e9d1c-3c55-4a0b-8f6d-91d2a4c6e8f0',
      }),
    environment: z
      .enum(['production', 'test'], { error: 'environment is production or test' })
      .optional()
      .meta({
        description:
          'production (default) runs the published version of the agent at Dograh, test its draft. A trigger URL says it by itself.',
      }),
    account_id: z.int().min(1).optional().meta({
      description:
        'The telephony configuration here that leads to this Dograh, by its id here. Absent: the default one, or the only one of the provider dograh; with several and no default among them, a call is refused unless it names one.',
    }),
    telephony_configuration_id: z.int().min(1).optional().meta({
      description:
        'The telephony configuration at Dograh, by its id there. Absent: the one of the caller ID, otherwise Dograh’s default.',
    }),
  })
  .refine(({ agent, environment }) => isSameEnvironment(agent, environment), {
    path: ['environment'],
    error: 'The trigger URL belongs to the other environment. Leave environment out, or copy the other URL',
    // Otherwise it would be reported beside an agent that nobody can read.
    when: ({ issues }) => issues.length === 0,
  });
export type DograhAnswer = z.infer<typeof dograhAnswer>;

function isSameEnvironment(agent: string, environment: 'production' | 'test' | undefined): boolean {
  const named = parseTriggerReference(agent)?.environment ?? null;
  return named === null || environment === undefined || named === environment;
}
