/** What a carrier whose own agents hold calls has to offer: its agents, and the numbers that its calls can show. */
import * as z from 'zod';

export const remoteAgentList = z
  .object({
    agents: z.array(
      z.object({
        name: z.string(),
        remote_uuid: z.string().meta({ description: 'The UUID of the agent there.' }),
        agent_id: z
          .int()
          .nullable()
          .meta({ description: 'Of the agent here that hands its calls over to it; null: there is none.' }),
      }),
    ),
  })
  .meta({ id: 'RemoteAgentList' });
export type RemoteAgentList = z.infer<typeof remoteAgentList>;

export const callerIdList = z
  .object({
    caller_ids: z.array(
      z.object({
        address: z.string().meta({ description: 'E.164.', example: '+14155550123' }),
        telephony_configuration_id: z
          .int()
          .meta({ description: 'The telephony configuration there, by its id there.' }),
        telephony_configuration_name: z.string(),
        phone_number_id: z.int().nullable().meta({
          description:
            'The id here, for from_phone_number_id of a call; null: this configuration does not have the number yet, or it is not active.',
        }),
      }),
    ),
  })
  .meta({ id: 'CallerIdList' });
export type CallerIdList = z.infer<typeof callerIdList>;
