/** Idempotency keys, and the marks by which a client finds its calls in the list. */
import { createHash } from 'node:crypto';
import { callMarker, type JsonObject, type JsonValue } from '../contracts';

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

/** Not a hex digit, so it cannot be confused with the hashes before it. */
const referenceSuffix = 'r';

/** Length of each hash in a mark, in hex digits. */
const markLength = 32;

/**
 * The mark that a call has in its `initial_context` under `callMarker`: 32 hex digits for the key, 32 for the step
 * if the host names one, and an `r` if the key is a reference. They are hashes, because variables are displayed and
 * exported.
 */
export function markOf(key: string, step?: string, isReference = false): string {
  const keyHash = sha256Hex(`${callMarker}\n${key}`).slice(0, markLength);
  return step === undefined ? keyHash : keyHash + stepHash(step) + (isReference ? referenceSuffix : '');
}

/** Whether the call with these variables was requested with this key. */
export function hasMarkOfKey(variables: JsonObject | null | undefined, key: string): boolean {
  const mark = variables?.[callMarker];
  return typeof mark === 'string' && mark.slice(0, markLength) === markOf(key);
}

/** Whether the call with these variables was requested by this step. */
export function hasMarkOfStep(variables: JsonObject | null | undefined, step: string): boolean {
  const mark = variables?.[callMarker];
  return typeof mark === 'string' && mark.slice(markLength, 2 * markLength) === stepHash(step);
}

/** Whether the call with these variables was requested with a reference as its key. */
export function isMarkedByReference(variables: JsonObject | null | undefined): boolean {
  const mark = variables?.[callMarker];
  return typeof mark === 'string' && mark.endsWith(referenceSuffix);
}

function stepHash(step: string): string {
  return sha256Hex(`${callMarker} step\n${step}`).slice(0, markLength);
}
