/** `GET /health`: is this a Dograh server, and what does it add to Dograh's API? */
import * as z from 'zod';

/** What the bundled server may add. A client uses only what `/health` lists. */
export const extensions = ['idempotency-key', 'key-lifetime', 'callback-url', 'hooks', 'cancel'] as const;
export type Extension = (typeof extensions)[number];

export const health = z
  .looseObject({
    status: z.string().meta({
      example: 'ok',
      description:
        '`ok`, or on the bundled server `database damaged`: it places no more calls until a backup is in its place.',
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
      .meta({ description: 'What this server adds to Dograh’s API. Absent on real Dograh.' }),
  })
  .meta({ id: 'Health' });
export type Health = z.infer<typeof health>;
