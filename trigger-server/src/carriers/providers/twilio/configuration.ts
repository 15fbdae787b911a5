/** The settings of a Twilio account: https://www.twilio.com/docs/iam/api/account */
import * as z from 'zod';
import { field } from '../../kit/settings/field';
import { paceField } from '../../kit/settings/pace';

export const configuration = z.object({
  account_sid: z
    .string()
    .trim()
    .regex(/^AC[0-9A-Za-z]{32}$/, 'An account SID is AC and 32 letters and digits')
    .meta(
      field({
        label: 'Account SID',
        secret: true,
        placeholder: 'ACxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
      }),
    ),
  auth_token: z
    .string()
    .trim()
    .regex(/^[\x21-\x7e]{1,200}$/, 'An auth token has no spaces and at most 200 characters')
    .meta(
      field({
        label: 'Auth token',
        secret: true,
        description:
          'The primary auth token of the account. It also signs Twilio’s callbacks, so an API key cannot take its place.',
      }),
    ),
  amd_enabled: z
    .boolean()
    .default(false)
    .meta(
      field({
        label: 'Detect answering machines',
        description: 'Twilio listens first who has answered, which delays the greeting and is billed extra.',
      }),
    ),
  conversation_relay: z
    .boolean()
    .default(false)
    .meta(
      field({
        label: 'Talk by ConversationRelay',
        description:
          'Agents that talk answer sooner and can be interrupted at any word. It is billed extra, and the account must first accept Twilio’s Predictive and Generative AI addendum.',
      }),
    ),
  calls_per_second: paceField('1, as Twilio does unless more was agreed.'),
});

export type Configuration = z.output<typeof configuration>;
