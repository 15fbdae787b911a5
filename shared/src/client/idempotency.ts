/** Keys that name a request by its content, so that a repeat of it can be recognized. */
import { createHash } from 'node:crypto';
import { callMarker, type JsonObject, type JsonValue } from '../contracts';

/**
 * Writes a JSON value in one canonical way: object keys sorted by UTF-16 code units, no spaces (the idea of
 * RFC 8785). Two values that mean the same give the same text. Uses no recursion, so depth is no limit.
 */
export function canonicalJson(value: JsonValue): string {
  const written: string[] = [];
  // What is still to be written, the next piece last: either finished text or a value.
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
      // As in JSON itself, undefined is left out: a host's object may hold it, whatever its type says.
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

/**
 * The value of an `Idempotency-Key` header for a request that these parts identify.
 * Deterministic, 64 characters, safe in an URL and in a header.
 */
export function idempotencyKey(parts: readonly JsonValue[]): string {
  return sha256Hex(canonicalJson([...parts]));
}

/** No hex digit. */
const referenceSuffix = 'r';

/** Hex digits of each part of a mark. */
const markLength = 32;

/**
 * What a call with this key has in its `initial_context` under `callMarker`: 32 hex digits for the key, 32 more for the
 * step where the host names one, and an `r` where the key is a reference. Nobody reads key or step out of them: variables
 * are shown and exported.
 */
export function markOf(key: string, step?: string, isReference = false): string {
  const keyHash = sha256Hex(`${callMarker}\n${key}`).slice(0, markLength);
  return step === undefined ? keyHash : keyHash + stepHash(step) + (isReference ? referenceSuffix : '');
}

/** Whether a call with these variables was asked for with this key. */
export function hasMarkOfKey(variables: JsonObject | null | undefined, key: string): boolean {
  const mark = variables?.[callMarker];
  return typeof mark === 'string' && mark.slice(0, markLength) === markOf(key);
}

/** Whether a call with these variables was asked for by this step. */
export function hasMarkOfStep(variables: JsonObject | null | undefined, step: string): boolean {
  const mark = variables?.[callMarker];
  return typeof mark === 'string' && mark.slice(markLength, 2 * markLength) === stepHash(step);
}

/** Whether a call with these variables was asked for with a reference for its key. */
export function isMarkedByReference(variables: JsonObject | null | undefined): boolean {
  const mark = variables?.[callMarker];
  return typeof mark === 'string' && mark.endsWith(referenceSuffix);
}

function stepHash(step: string): string {
  return sha256Hex(`${callMarker} step\n${step}`).slice(0, markLength);
}
