/**
 * Tokens that give anybody access to the files of one run until they expire. Nothing is stored: a token consists of the
 * run id, the expiry and an HMAC of both. Its 32 characters fit wherever a client stores Dograh's, which have 36.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { verifyingKeys, type SigningKeys } from '../secrets';
import type { Services } from '../services';

/** Run id and expiry (seconds since 1970) have 32 bits each; the first 128 bits of an HMAC-SHA256 follow. */
const payloadBytes = 8;
const macBytes = 16;

/** Creates a token that is valid for `DOWNLOAD_LINK_HOURS` from now. */
export function mintDownloadToken(
  services: Pick<Services, 'config' | 'clock' | 'secrets'>,
  runId: number,
): string {
  const payload = Buffer.alloc(payloadBytes);
  payload.writeUInt32BE(runId, 0);
  payload.writeUInt32BE(nowSeconds(services) + services.config.downloadLinkHours * 3600, 4);
  return Buffer.concat([payload, macOf(services.secrets, payload)]).toString('base64url');
}

/** The run of the token; null for a forged, damaged or expired one. */
export function readDownloadToken(
  services: Pick<Services, 'clock' | 'secrets'>,
  token: string,
): number | null {
  const bytes = Buffer.from(token, 'base64url');
  // Node's decoder ignores invalid characters, so only the canonical spelling of a token is accepted.
  if (bytes.length !== payloadBytes + macBytes || bytes.toString('base64url') !== token) return null;
  const payload = bytes.subarray(0, payloadBytes);
  const mac = bytes.subarray(payloadBytes);
  const isOurs = verifyingKeys(services.secrets).some((keys) => timingSafeEqual(mac, macOf(keys, payload)));
  if (!isOurs) return null;
  return payload.readUInt32BE(4) > nowSeconds(services) ? payload.readUInt32BE(0) : null;
}

function macOf({ downloadKey }: SigningKeys, payload: Buffer): Buffer {
  return createHmac('sha256', downloadKey).update(payload).digest().subarray(0, macBytes);
}

function nowSeconds({ clock }: Pick<Services, 'clock'>): number {
  return Math.floor(clock.steady().getTime() / 1000);
}
