/**
 * Signatures of webhooks after the Standard Webhooks specification (version 1, symmetric):
 * `v1,` and the base64 HMAC-SHA256 of `{id}.{timestamp}.{body}` under a `whsec_` secret.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';

export interface SignedMessage {
  /** The header `webhook-id`. */
  id: string;
  /** The header `webhook-timestamp`: seconds since 1970. */
  timestampSeconds: number;
  /** The body exactly as it is sent. */
  body: string | Uint8Array;
}

const secretForm = /^whsec_[A-Za-z0-9+/]{16,}={0,2}$/;
const defaultToleranceSeconds = 300;

/**
 * @returns the value of the header `webhook-signature` for one secret. @throws RangeError when it is not a `whsec_`
 *   secret.
 */
export function signWebhook(secret: string, message: SignedMessage): string {
  if (!secretForm.test(secret)) throw new RangeError('A signing secret is whsec_ followed by base64');
  const key = createSecretKey(secret.slice('whsec_'.length), 'base64');
  const signature = createHmac('sha256', key)
    .update(`${message.id}.${message.timestampSeconds}.`)
    .update(message.body)
    .digest('base64');
  return `v1,${signature}`;
}

export type WebhookVerdict = { ok: true } | { ok: false; reason: string };

export interface ReceivedWebhook {
  /** Header names in any case. */
  headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The raw body: the signature does not match a body that was parsed and serialized again. */
  body: string | Uint8Array;
  now: Date;
  /** Maximum difference between the clocks of sender and receiver (default 300). */
  toleranceSeconds?: number;
}

/**
 * Whether a webhook was signed with this secret, and recently. During a rotation the sender signs with both
 * secrets; one matching signature is enough.
 */
export function verifyWebhook(secret: string, received: ReceivedWebhook): WebhookVerdict {
  if (!secretForm.test(secret)) return refused('The signing secret must be whsec_ followed by base64');
  const id = header(received, 'webhook-id');
  const timestamp = header(received, 'webhook-timestamp');
  const signatures = header(received, 'webhook-signature');
  if (id === null || timestamp === null || signatures === null) {
    return refused(
      'The headers webhook-id, webhook-timestamp and webhook-signature must each be there, once',
    );
  }
  if (!/^\d{1,12}$/.test(timestamp))
    return refused('The header webhook-timestamp is not a number of seconds');
  const timestampSeconds = Number(timestamp);
  const driftSeconds = Math.abs(received.now.getTime() / 1000 - timestampSeconds);
  if (driftSeconds > (received.toleranceSeconds ?? defaultToleranceSeconds)) {
    return refused('The webhook is too old, or one of the two clocks is wrong');
  }
  const expected = signWebhook(secret, { id, timestampSeconds, body: received.body });
  const isSigned = signatures.split(' ').some((signature) => isSameText(signature, expected));
  return isSigned ? { ok: true } : refused('No signature of this webhook was made with this secret');
}

function refused(reason: string): WebhookVerdict {
  return { ok: false, reason };
}

/** Null when the header is missing or repeated. */
function header({ headers }: ReceivedWebhook, name: string): string | null {
  const values = Object.entries(headers)
    .filter(([key]) => key.toLowerCase() === name)
    .flatMap(([, value]) => value ?? []);
  const [value] = values;
  return values.length === 1 && value !== undefined && value !== '' ? value : null;
}

/** Takes constant time, so that a signature cannot be guessed step by step. */
function isSameText(left: string, right: string): boolean {
  const [leftBytes, rightBytes] = [left, right].map((text) => new TextEncoder().encode(text));
  if (leftBytes === undefined || leftBytes.length !== rightBytes?.length) return false;
  return timingSafeEqual(leftBytes, rightBytes);
}
