/** Idempotency keys. */
import { createHash } from 'node:crypto';
import type { JsonValue } from '../contracts';

/**
 * Serializes a JSON value canonically: object keys sorted by UTF-16 code units, no spaces (after RFC 8785). Equal
 * values have equal texts. It is not recursive, so deep values do not overflow the stack.
 */
export function canonicalJson(value: JsonValue): string {
  const written: string[] = [];
  // A stack of what is still to be written: finished text, or a value.
  const pending: ({ text: string } | { value: JsonValue })[] = [{ value }];
  for (let piece = pending.pop(); piece !== undefined; piece = pending.pop()) {
    if ('text' in piece) {
      written.push(piece.text);
    } else if (typeof piece.value !== 'object' || piece.value === null) {
      written.push(JSON.stringify(piece.value));
    } else if (Array.isArray(piece.value)) {
      pending.push({ text: ']' });
      for (let index = piece.value.length - 1; index >= 0; index -= 1) {
        pending.push({ value: piece.value[index] ?? null });
        if (index > 0) pending.push({ text: ',' });
      }
      pending.push({ text: '[' });
    } else {
      pending.push({ text: '}' });
      // Like JSON.stringify, leaves out undefined: a host's object may contain it in spite of its type.
      const entries = Object.entries<JsonValue | undefined>(piece.value)
        .flatMap(([key, item]) => (item === undefined ? [] : [{ key, item }]))
        .sort((left, right) => (left.key < right.key ? 1 : -1));
      entries.forEach(({ key, item }, index) => {
        pending.push({ value: item }, { text: `${JSON.stringify(key)}:` });
        if (index < entries.length - 1) pending.push({ text: ',' });
      });
      pending.push({ text: '{' });
    }
  }
  return written.join('');
}

/** SHA-256 of the text's UTF-8 bytes, as 64 lower-case hex digits. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** An `Idempotency-Key` derived from the parts that identify a request: 64 hex digits, the same for equal parts. */
export function idempotencyKey(parts: readonly JsonValue[]): string {
  return sha256Hex(canonicalJson([...parts]));
}
