/**
 * Tokens that open the files of one run to whoever has them, for a time. Nothing is stored: a token is the run's id, when
 * it expires, and an HMAC over both. At 32 characters it fits where a client keeps Dograh's, which has 36.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { verifyingKeys, type SigningKeys } from '../secrets';
import type { Services } from '../services';

/** Id and expiry (seconds since 1970), 32 bits each, before 128 bits of HMAC-SHA256. */
const factBytes = 8;
const macBytes = 16;

/** Holds for `DOWNLOAD_LINK_HOURS` from now. */
export function mintDownloadToken(
  services: Pick<Services, 'config' | 'clock' | 'secrets'>,
  runId: number,
): string {
  const facts = Buffer.alloc(factBytes);
  facts.writeUInt32BE(runId, 0);
  facts.writeUInt32BE(nowSeconds(services) + services.config.downloadLinkHours * 3600, 4);
  return Buffer.concat([facts, macOf(services.secrets, facts)]).toString('base64url');
}

/** The run that the token opens; null for one that is forged, damaged or expired. */
export function readDownloadToken(
  services: Pick<Services, 'clock' | 'secrets'>,
  token: string,
): number | null {
  const bytes = Buffer.from(token, 'base64url');
  // Decoding passes over what is no base64: another spelling of a token is none.
  if (bytes.length !== factBytes + macBytes || bytes.toString('base64url') !== token) return null;
  const facts = bytes.subarray(0, factBytes);
  const mac = bytes.subarray(factBytes);
  const isOurs = verifyingKeys(services.secrets).some((keys) => timingSafeEqual(mac, macOf(keys, facts)));
  if (!isOurs) return null;
  return facts.readUInt32BE(4) > nowSeconds(services) ? facts.readUInt32BE(0) : null;
}

function macOf({ downloadKey }: SigningKeys, facts: Buffer): Buffer {
  return createHmac('sha256', downloadKey).update(facts).digest().subarray(0, macBytes);
}

function nowSeconds({ clock }: Pick<Services, 'clock'>): number {
  return Math.floor(clock.steady().getTime() / 1000);
}
