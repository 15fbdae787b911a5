/** Removes from a text what must never reach a log line or an error message. */

/**
 * The words "bearer" and "basic" need a long neighbour to count, so that plain English stays readable.
 * Every pattern is linear: each starts at a fixed character or word, and no two neighbouring parts of one can
 * match the same character, so a hostile text of a megabyte costs one pass.
 */
const secrets: readonly [RegExp, string][] = [
  [/\b(authorization|x-api-key)(["']?\s{0,4}[:=]\s{0,4}["']?)(?:[a-z]{1,20} )?[^\s"',;}]+/gi, '$1$2…'],
  [/\bbearer\s{1,4}[\w.~+/=-]{8,}/gi, 'Bearer …'],
  [/\bbasic\s{1,4}[A-Za-z0-9+/=]{16,}/gi, 'Basic …'],
  [/\bdgr_[\w-]+/g, 'dgr_…'],
  [/\+\d(?:[ ().-]{0,2}\d){6,}/g, '+…'],
  // Some carriers echo a number without its plus. Ids of this API have at most 10 digits.
  [/(?<![\w-])\d{11,15}(?![\w-])/g, '…'],
];

/**
 * Replaces API keys (`dgr_…`), authorization values and phone numbers with an ellipsis.
 * Redacting twice gives the same text as redacting once.
 */
export function redact(text: string): string {
  return secrets.reduce((clean, [pattern, replacement]) => clean.replace(pattern, replacement), text);
}
