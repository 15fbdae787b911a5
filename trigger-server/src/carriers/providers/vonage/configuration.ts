/**
 * The settings of a Vonage account, for its calls and for its events' signatures.
 * Source: https://developer.vonage.com/en/application/overview
 */
import { createPrivateKey } from 'node:crypto';
import * as z from 'zod';
import { field } from '../../kit/settings/field';
import { paceField } from '../../kit/settings/pace';

const unsignedEvents =
  'The signature secret is required: without it no event of Vonage can be verified, and unanswered calls would never end. Copy it from API settings in the Vonage dashboard';

const notRsa =
  'This is not an RSA private key in PEM format. Paste the whole private.key file of the Vonage application, from -----BEGIN PRIVATE KEY----- to -----END PRIVATE KEY-----';

/** One line of printable ASCII, as Vonage's keys and secrets are. */
const printable = /^[\u0021-\u007e]+$/;

export const configuration = z.object({
  api_key: z
    .string()
    .trim()
    .max(64)
    .regex(/^[A-Za-z0-9]+$/, 'An API key has letters and digits only')
    .meta(field({ label: 'API key', secret: true })),
  api_secret: z
    .string()
    .trim()
    .max(256)
    .regex(printable, 'An API secret has no spaces')
    .meta(field({ label: 'API secret', secret: true })),
  application_id: z
    .string()
    .trim()
    .toLowerCase()
    .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'An application ID is a UUID')
    .meta(
      field({
        label: 'Application ID',
        placeholder: '00000000-0000-0000-0000-000000000000',
        description: 'An application with the Voice capability and signed webhooks.',
      }),
    ),
  private_key: z
    .string()
    .trim()
    .max(16_384)
    // In a key copied from a JSON file, each line break is the two characters `\n`.
    .overwrite((pem) => pem.replaceAll('\\n', '\n'))
    .refine(isRsaPrivateKey, notRsa)
    .meta(
      field({
        label: 'Private key',
        secret: true,
        multiline: true,
        description: 'The private.key file that was made with the application.',
      }),
    ),
  signature_secret: z
    .string({ error: unsignedEvents })
    .trim()
    .min(1, { error: unsignedEvents, abort: true })
    .max(256)
    .regex(printable, 'A signature secret has no spaces')
    .meta(
      field({
        label: 'Signature secret',
        secret: true,
        description: 'From API settings in the Vonage dashboard; every event is verified with it.',
      }),
    ),
  amd_enabled: z
    .boolean()
    .default(false)
    .meta(
      field({ label: 'Detect answering machines', description: 'Vonage listens first who has answered.' }),
    ),
  amd_behavior: z
    .enum(['continue', 'hangup'])
    .default('continue')
    .meta(field({ label: 'When a machine answers', description: 'continue (the call goes on) or hangup.' })),
  amd_mode: z
    .enum(['standard', 'detect', 'detect_beep'])
    .default('standard')
    .meta(
      field({
        label: 'Machine detection mode',
        description:
          'standard, or one of the advanced modes, which are billed extra: detect, or detect_beep, which waits for the beep.',
      }),
    ),
  calls_per_second: paceField('3, as Vonage allows unless more was agreed.'),
});

export type VonageConfiguration = z.output<typeof configuration>;

function isRsaPrivateKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'rsa';
  } catch {
    return false;
  }
}
