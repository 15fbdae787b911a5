/** `GET /health`: the server's status and its extensions of Dograh's API. */
import * as z from 'zod';

/** Extensions of the bundled server. A client uses only those that `/health` lists. */
export const extensions = [
  'idempotency-key',
  'key-lifetime',
  'callback-url',
  'hooks',
  'cancel',
  'voice',
  'voicemail',
  'do-not-call',
  'scheduling',
] as const;
export type Extension = (typeof extensions)[number];

export const health = z
  .looseObject({
    status: z.string().meta({
      example: 'ok',
      description:
        '`ok`. On the bundled server also `database damaged`: it places no calls until the database is restored from a backup.',
    }),
    version: z.string(),
    backend_api_endpoint: z.string().nullish(),
    tunnel_url: z.string().nullish(),
    deployment_mode: z.string().nullish(),
    auth_provider: z.string().nullish(),
    turn_enabled: z.boolean().nullish(),
    force_turn_relay: z.boolean().nullish(),
    signup_enabled: z.boolean().nullish(),
    stack_project_id: z.string().nullish(),
    stack_publishable_client_key: z.string().nullish(),
    extensions: z
      .array(z.string())
      .optional()
      .meta({ description: 'The extensions of Dograh’s API that this server has. Absent on Dograh.' }),
    server_id: z.string().optional().meta({
      description:
        'The same for all processes of one bundled server, and different from every other server’s. Absent on Dograh.',
    }),
  })
  .meta({ id: 'Health' });
export type Health = z.infer<typeof health>;
