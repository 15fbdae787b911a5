/**
 * The settings of a Telnyx account, for its calls and for its webhooks' signatures.
 * Source: https://developers.telnyx.com/docs/voice/programmable-voice
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import * as z from 'zod';
import { field } from '../../kit/settings/field';
import { paceField } from '../../kit/settings/pace';

const noPublicKey =
  'The webhook public key is required: without it no webhook of Telnyx can be verified, and unanswered calls would never end. Copy it from Keys & Credentials, Public Key, in the Mission Control Portal';

const noConnection =
  'The ID of a Voice API application is required. Create one in the Mission Control Portal and give it an outbound voice profile: without one Telnyx refuses every call (D38)';

export const configuration = z.object({
  api_key: z
    .string()
    .trim()
    .max(256)
    .regex(/^[\u0021-\u007e]+$/, 'An API key has no spaces')
    .meta(field({ label: 'API key', secret: true, placeholder: 'KEY…' })),
  connection_id: z
    .string({ error: noConnection })
    .trim()
    .min(1, { error: noConnection, abort: true })
    .regex(/^\d{1,32}$/, 'The ID of a Voice API application is a number')
    .meta(
      field({
        label: 'Voice API application ID',
        description:
          'Of an application that has an outbound voice profile. It is not made for you: one made through the API has no such profile, and Telnyx then refuses every call (D38).',
      }),
    ),
  webhook_public_key: z
    .string({ error: noPublicKey })
    .trim()
    .min(1, { error: noPublicKey, abort: true })
    .max(64)
    .refine((key) => publicKeyOf(key) !== null, 'A webhook public key is 44 characters of base64')
    .meta(
      field({
        label: 'Webhook public key',
        description: 'From Keys & Credentials, Public Key. Every webhook is verified with it.',
      }),
    ),
  amd_enabled: z
    .boolean()
    .default(false)
    .meta(
      field({
        label: 'Detect answering machines',
        description: 'Telnyx listens first who has answered, which is billed extra.',
      }),
    ),
  amd_mode: z
    .enum(['detect', 'premium', 'detect_beep', 'detect_words', 'greeting_end'])
    .default('detect')
    .meta(
      field({
        label: 'Machine detection mode',
        description: 'detect, premium, detect_beep, detect_words or greeting_end.',
      }),
    ),
  voice: z
    .string()
    .trim()
    .max(120)
    .regex(/^[\w.:-]+$/, 'A voice is written like AWS.Polly.Joanna')
    .default('AWS.Polly.Joanna')
    .meta(
      field({
        label: 'Voice',
        placeholder: 'AWS.Polly.Joanna',
        description:
          'Who speaks where neither the call nor its agent names a language or a voice: a voice of Telnyx’s text to speech.',
      }),
    ),
  calls_per_second: paceField('30, as Telnyx allows unless more was agreed.'),
});

export type TelnyxConfiguration = z.output<typeof configuration>;

const keyBytes = 32;

/** The key that verifies a webhook's signature. @param text base64 of its 32 bytes. @returns null for any other text. */
export function publicKeyOf(text: string): KeyObject | null {
  const bytes = bytesOf(text, keyBytes);
  if (bytes === null) return null;
  return createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') },
    format: 'jwk',
  });
}

/**
 * Decodes strict, padded base64 of exactly `length` bytes; null for anything else. Node alone would skip invalid
 * characters.
 */
export function bytesOf(base64: string, length: number): Buffer | null {
  const bytes = Buffer.from(base64, 'base64');
  return bytes.length === length && bytes.toString('base64') === base64 ? bytes : null;
}
