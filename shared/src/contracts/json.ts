/** Schemas that several contracts share: JSON values, lenient integers, timestamps. */
import * as z from 'zod';

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };
export type JsonObject = Record<string, JsonValue>;

/**
 * A JSON object of any content. Its values are not checked: they come from a JSON parser, and a recursive check
 * would overflow the stack on deep input.
 */
export const jsonObject = z.record(
  z.string(),
  z.custom<JsonValue>(() => true),
);

/** Whether text can be stored in a column: databases cannot store NUL and lone surrogates. */
export function isStorableText(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/** Text that is stored in a column of its own. */
export function plainText() {
  return z
    .string()
    .refine(isStorableText, 'Input should be text without NUL characters and unpaired surrogates');
}

/** An integer id, also accepted as a string of digits, as Dograh does for JSON bodies (`"42"` is 42). */
export const lenientId = z.union([
  z.int(),
  z
    .string()
    .regex(/^\d{1,19}$/)
    .transform(Number),
]);

/** An instant as Dograh prints it: ISO 8601 with a zone (`Z` or `+00:00`), fraction optional. */
export const timestamp = z.string().meta({ format: 'date-time', example: '2026-08-22T03:04:05.123Z' });
