/** Ed25519 over timestamp and body. Source: https://developers.telnyx.com/development/api-fundamentals/webhooks/receiving-webhooks */
import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { isRecent } from '../../kit/signature';
import type { CallbackRequest } from '../../port/callback';

const keyBytes = 32;
const signatureBytes = 64;
const toleranceSeconds = 300;

/** @param text base64 of the 32 bytes. Null when it is not. */
export function publicKeyOf(text: string): KeyObject | null {
  const bytes = bytesOf(text, keyBytes);
  if (bytes === null) return null;
  return createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') },
    format: 'jwk',
  });
}

export function isSigned(publicKey: string, request: CallbackRequest): boolean {
  const key = publicKeyOf(publicKey);
  const signature = bytesOf(request.header('telnyx-signature-ed25519') ?? '', signatureBytes);
  const timestamp = request.header('telnyx-timestamp') ?? '';
  if (key === null || signature === null || !/^\d{1,12}$/.test(timestamp)) return false;
  if (!isRecent(request, Number(timestamp), toleranceSeconds)) return false;
  return verify(null, Buffer.concat([Buffer.from(`${timestamp}|`), request.body]), key, signature);
}

/** Strict, padded base64 only: Node by itself skips what does not belong. */
function bytesOf(base64: string, length: number): Buffer | null {
  const bytes = Buffer.from(base64, 'base64');
  return bytes.length === length && bytes.toString('base64') === base64 ? bytes : null;
}
