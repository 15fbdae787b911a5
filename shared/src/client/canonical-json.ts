/** One text for equal JSON values. It stands apart from what hashes it, so that the client runs in a browser. */
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
