/** The routes of the console. Only the bundled trigger server has them. */
import * as z from 'zod';
import { plainText, timestamp } from './json';
import { runReasons, runStatuses } from './run';

/** The signed-in user, and what a page needs to act for that user. */
export const consoleSession = z
  .object({
    user: z.object({ id: z.int(), email: z.string(), name: z.string().nullable() }),
    organization_id: z.int(),
    csrf_token: z.string().meta({
      description:
        'Send it as `X-CSRF-Token` with every request by cookie whose method is not GET or HEAD. It belongs to this session.',
    }),
    has_password: z.boolean().meta({ description: 'false: this user can sign in by a link only.' }),
    can_reset_password: z.boolean().meta({
      description:
        'Whether this session may set a new password without the current one: it was opened by a sign-in link less than 15 minutes ago.',
    }),
  })
  .meta({ id: 'ConsoleSession' });
export type ConsoleSession = z.infer<typeof consoleSession>;

export const signInByLinkRequest = z
  .object({
    token: z.string().max(255).meta({ description: 'What follows `token=` in the sign-in link.' }),
    email: z.email().max(255).nullish(),
    password: z.string().min(8).max(1024).nullish(),
    name: plainText().max(255).nullish(),
  })
  .meta({
    id: 'SignInByLinkRequest',
    description:
      'A user without a password needs `email` and `password`, which become the user’s; for any other user they are refused.',
    examples: [{ token: 'of the link', email: 'jane@example.com', password: 'at least 8 characters' }],
  });

/** The data of the event `run` of `GET /console/events`: the run as it is when the event is sent. */
export const consoleRunEvent = z.object({
  id: z.int(),
  workflow_id: z.int(),
  status: z.enum(runStatuses),
  disposition: z.string().nullable(),
  reason: z.enum(runReasons).nullable(),
  answered_at: timestamp.nullable(),
  completed_at: timestamp.nullable(),
  call_duration_seconds: z.number().nullable(),
  artifacts_ready: z.boolean(),
});
export type ConsoleRunEvent = z.infer<typeof consoleRunEvent>;
