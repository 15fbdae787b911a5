/** The settings of an account at a Dograh, hosted or own: its address and an API key. */
import { confidentialUrlPattern, isTriggerError, normalizeBaseUrl } from '@dograh-trigger/shared';
import * as z from 'zod';
import { field } from '../../kit/settings/field';
import { paceField } from '../../kit/settings/pace';

const confidential = new RegExp(confidentialUrlPattern, 'i');

export const configuration = z.object({
  base_url: z
    .string({ error: 'The address of Dograh, such as https://api.dograh.com' })
    .max(500)
    .transform((text, context) => {
      try {
        return normalizeBaseUrl(text);
      } catch (error) {
        const message = isTriggerError(error) ? error.message : 'This is not the address of a server';
        context.issues.push({ code: 'custom', message, input: text });
        return z.NEVER;
      }
    })
    .refine((url) => confidential.test(url), {
      error: 'Begin with https://, so that the API key travels encrypted; http:// is for private networks',
    })
    .meta(
      field({
        label: 'Base URL',
        destination: true,
        placeholder: 'https://api.dograh.com',
        description: 'The address of Dograh, with or without /api/v1.',
      }),
    ),
  api_key: z
    .string({ error: 'An API key of Dograh, which begins with dgr_' })
    .trim()
    .regex(/^[\x21-\x7e]{1,200}$/, 'A key has no spaces and at most 200 characters')
    .meta(
      field({
        label: 'API key',
        secret: true,
        placeholder: 'dgr_…',
        description: 'Made in Dograh under API Keys. Its organization’s agents make the calls.',
      }),
    ),
  account_mark: z
    .string()
    .regex(/^[0-9a-f]{12}$/)
    .optional()
    .meta(
      field({
        label: 'Mark',
        readOnly: true,
        description: 'Made by the server: every call of this configuration carries it to Dograh.',
      }),
    ),
  calls_per_second: paceField('no limit of ours.'),
});

export type Configuration = z.output<typeof configuration>;

/** @throws Error for settings that were never prepared. */
export function markOf({ account_mark: mark }: Configuration): string {
  if (mark === undefined) throw new Error('These settings of Dograh have no mark');
  return mark;
}
