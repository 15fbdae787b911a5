/** Idempotency keys. */
import { createHash } from 'node:crypto';
import type { JsonValue } from '../contracts';
import { canonicalJson } from './canonical-json';

/** SHA-256 of the text's UTF-8 bytes, as 64 lower-case hex digits. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** An `Idempotency-Key` derived from the parts that identify a request: 64 hex digits, the same for equal parts. */
export function idempotencyKey(parts: readonly JsonValue[]): string {
  return sha256Hex(canonicalJson([...parts]));
}
