/**
 * Tokens that open one thing to anybody until they expire. Nothing is stored: a token consists of the id of a row, the
 * expiry and an HMAC of both. Its 32 characters fit wherever a client stores Dograh's, which have 36.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { verifyingKeys, type Secrets } from './secrets';

/** What a token opens. A token of one purpose is none of another. */
export type Purpose = 'files of a run' | 'upload of a campaign' | 'file of a campaign';

/** Id and expiry (seconds since 1970) have 32 bits each; the first 128 bits of an HMAC-SHA256 follow. */
const payloadBytes = 8;
const macBytes = 16;

/** @param expiresAt by the steady clock. */
export function signId({ downloadKey }: Secrets, purpose: Purpose, id: number, expiresAt: Date): string {
  const payload = Buffer.alloc(payloadBytes);
  payload.writeUInt32BE(id, 0);
  payload.writeUInt32BE(Math.floor(expiresAt.getTime() / 1000), 4);
  return Buffer.concat([payload, macOf(downloadKey, purpose, payload)]).toString('base64url');
}

/** @param now by the steady clock. @returns the id; null for a token that is forged, damaged or expired. */
export function readSignedId(secrets: Secrets, purpose: Purpose, token: string, now: Date): number | null {
  const bytes = Buffer.from(token, 'base64url');
  // Node's decoder ignores invalid characters, so only the canonical spelling of a token is accepted.
  if (bytes.length !== payloadBytes + macBytes || bytes.toString('base64url') !== token) return null;
  const payload = bytes.subarray(0, payloadBytes);
  const mac = bytes.subarray(payloadBytes);
  const isOurs = verifyingKeys(secrets).some(({ downloadKey }) =>
    timingSafeEqual(mac, macOf(downloadKey, purpose, payload)),
  );
  if (!isOurs) return null;
  return payload.readUInt32BE(4) > Math.floor(now.getTime() / 1000) ? payload.readUInt32BE(0) : null;
}

/** The tokens of runs are older than the purposes, and go without one. */
function macOf(key: Buffer, purpose: Purpose, payload: Buffer): Buffer {
  const label = purpose === 'files of a run' ? '' : purpose;
  return createHmac('sha256', key).update(label).update(payload).digest().subarray(0, macBytes);
}
