/** The reply of the import of a carrier's agents. */
import * as z from 'zod';

const importedAgent = z.object({
  id: z.int().meta({ description: 'Of the agent here.' }),
  name: z.string(),
  remote_uuid: z.string().meta({ description: 'The UUID of the agent there.' }),
});

export const importedAgents = z
  .object({
    created: z.array(importedAgent),
    kept: z.array(importedAgent).meta({
      description: 'Those that an agent here hands its calls over to already. They were not changed.',
    }),
    refused: z
      .array(
        z.object({
          name: z.string(),
          remote_uuid: z.string().nullable().meta({ description: 'Null for an agent that has none there.' }),
          reason: z.string(),
        }),
      )
      .meta({ description: 'Those that could not be imported, and why.' }),
    remaining: z.int().meta({
      description:
        'How many are left, because one request imports a limited number: repeat it with next_after.',
    }),
    next_after: z.int().nullable().meta({
      description: 'The value of after for the next request; null when none are left.',
    }),
  })
  .meta({ id: 'ImportedAgents' });
export type ImportedAgents = z.infer<typeof importedAgents>;
