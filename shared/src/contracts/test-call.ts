/** Dograh's test call of an agent's draft, by the agent's id. Integrations do not use it: its reply has no run id. */
import * as z from 'zod';
import { lenientId } from './json';

export const testCallRequest = z
  .object({
    workflow_id: lenientId.meta({ description: 'The agent’s id.' }),
    workflow_run_id: lenientId.nullish().meta({
      description:
        'A run without a call yet. On this server every run has its call, so every value is refused.',
    }),
    phone_number: z.string().nullish().meta({
      description: 'The number to call, in E.164 with a leading +.',
      example: '+14155550100',
    }),
    telephony_configuration_id: lenientId
      .nullish()
      .meta({ description: 'Call through this telephony configuration.' }),
    from_phone_number_id: lenientId
      .nullish()
      .meta({ description: 'Show this phone number as the caller ID.' }),
  })
  .meta({
    id: 'TestCallRequest',
    examples: [{ workflow_id: 1, phone_number: '+14155550100' }],
  });
export type TestCallRequest = z.output<typeof testCallRequest>;

export const testCallReply = z
  .object({
    message: z.string().meta({ example: 'Call initiated successfully with run name WR-TEL-OUT-04711815' }),
  })
  .meta({ id: 'TestCallReply' });
