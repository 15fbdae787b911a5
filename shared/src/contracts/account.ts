/** Accounts and API keys. */
import * as z from 'zod';
import { plainText, timestamp } from './json';
import { user } from './user';

export const signupRequest = z
  .object({
    email: z.email().max(255),
    password: z.string().min(8).max(1024),
    name: plainText().max(255).nullish(),
  })
  .meta({
    id: 'SignupRequest',
    examples: [{ email: 'jane@example.com', password: 'at least 8 characters', name: 'Jane' }],
  });

export const loginRequest = z.object({ email: plainText().max(255), password: z.string().max(1024) }).meta({
  id: 'LoginRequest',
  examples: [{ email: 'jane@example.com', password: 'at least 8 characters' }],
});

export const changePasswordRequest = z
  .object({
    current_password: z.string().max(1024).nullish().meta({
      description: 'May be left out only by a session that a sign-in link has opened.',
    }),
    new_password: z.string().min(8).max(1024),
  })
  .meta({
    id: 'ChangePasswordRequest',
    examples: [{ current_password: 'at least 8 characters', new_password: 'another one of 8 or more' }],
  });

export const session = z
  .object({
    token: z.string().meta({
      description:
        'Send it as `Authorization: Bearer …`. It ends after 12 hours without use and 720 hours at most.',
    }),
    user,
  })
  .meta({ id: 'Session' });

/**
 * - `trigger`: places calls, within the policy of the organization; reads and cancels the calls that this key placed.
 * - `read`: reads everything but stored credentials and keys, and changes nothing. What agents and subscriptions hold, it
 *   sees whole: addresses with a token, and headers of webhook nodes.
 * - `admin`: everything.
 */
export const keyScopes = ['trigger', 'read', 'admin'] as const;
export type KeyScope = (typeof keyScopes)[number];

const keyScope = z.enum(keyScopes).meta({
  description:
    '`trigger`: places calls, and reads and cancels the calls that this key placed. `read`: reads everything but stored credentials and keys, with the addresses and headers that agents and subscriptions hold, and changes nothing. `admin`: everything. Only on the bundled trigger server.',
});

export const apiKey = z
  .looseObject({
    id: z.int(),
    name: z.string(),
    key_prefix: z.string().meta({ example: 'dgr_AAAA' }),
    is_active: z.boolean(),
    created_at: timestamp,
    last_used_at: timestamp.nullable(),
    archived_at: timestamp.nullable(),
    created_by: z.int().nullish().meta({
      description:
        'The id of the user who created it; null for a key of the first start. Only on the bundled trigger server.',
    }),
    scope: keyScope.optional(),
    agents: z.array(z.int()).nullish().meta({
      description: 'The ids of the agents that it may call; null: all. Only on the bundled trigger server.',
    }),
    expires_at: timestamp.nullish().meta({
      description: 'From then on it is refused; null: never. Only on the bundled trigger server.',
    }),
  })
  .meta({ id: 'ApiKey' });
export type ApiKey = z.infer<typeof apiKey>;

/** A user in the list of an organization's users. */
export const organizationUser = z
  .object({
    id: z.int(),
    email: z.string(),
    name: z.string().nullable(),
    created_at: timestamp,
    has_password: z.boolean().meta({ description: 'Whether this user can log in with a password.' }),
  })
  .meta({ id: 'OrganizationUser' });
export type OrganizationUser = z.infer<typeof organizationUser>;

export const createApiKeyRequest = z
  .object({
    name: plainText().max(255),
    scope: keyScope.default('admin'),
    agents: z.array(z.int().min(1)).min(1).max(100).nullish().meta({
      description:
        'With the scope `trigger`: the ids of the agents (`workflow_id`) that it may call. Left out: all. Only on the bundled trigger server.',
    }),
    expires_at: z.iso.datetime({ offset: true }).nullish().meta({
      description: 'When the key stops. Left out: never. Only on the bundled trigger server.',
      example: '2027-12-31T00:00:00Z',
    }),
  })
  .meta({ id: 'CreateApiKeyRequest', examples: [{ name: 'For n8n', scope: 'trigger' }] });
export type CreateApiKeyRequest = z.output<typeof createApiKeyRequest>;

export const createdApiKey = z
  .object({
    id: z.int(),
    name: z.string(),
    key_prefix: z.string(),
    api_key: z.string().meta({ description: 'The key itself, shown this once.' }),
    created_at: timestamp,
  })
  .meta({ id: 'CreatedApiKey' });
export type CreatedApiKey = z.infer<typeof createdApiKey>;

/** The reply of routes that only confirm. */
export const confirmation = z
  .object({ success: z.literal(true), message: z.string() })
  .meta({ id: 'Confirmation' });
