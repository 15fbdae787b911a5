/** Who a key or a session belongs to. */
import * as z from 'zod';

export const user = z
  .looseObject({
    id: z.int(),
    email: z.string().nullable(),
    name: z.string().nullish(),
    organization_id: z.int().nullish(),
    provider_id: z.string().nullish(),
  })
  .meta({ id: 'User' });
export type User = z.infer<typeof user>;

/** `GET /user/auth/user`: the cheapest authenticated read, used as the credential test. */
export const authenticatedUser = z
  .looseObject({ id: z.int(), is_superuser: z.boolean().nullish() })
  .meta({ id: 'AuthenticatedUser' });
