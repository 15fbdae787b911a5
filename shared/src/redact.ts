/** Removes secrets and phone numbers from text for logs and error messages. */

/**
 * "bearer" and "basic" count only before a long token, so that ordinary sentences stay readable. Every pattern
 * takes linear time: it starts at a fixed character or word, and no two adjacent parts match the same character.
 */
const secrets: readonly [RegExp, string][] = [
  [/\b(authorization|x-api-key)(["']?\s{0,4}[:=]\s{0,4}["']?)(?:[a-z]{1,20} )?[^\s"',;}]+/gi, '$1$2…'],
  [/\bbearer\s{1,4}[\w.~+/=-]{8,}/gi, 'Bearer …'],
  [/\bbasic\s{1,4}[A-Za-z0-9+/=]{16,}/gi, 'Basic …'],
  [/\bdgr_[\w-]+/g, 'dgr_…'],
  [/\+\d(?:[ ().-]{0,2}\d){6,}/g, '+…'],
  // Phone numbers without a plus, as some carriers quote them. Ids of this API have at most 10 digits.
  [/(?<![\w-])\d{11,15}(?![\w-])/g, '…'],
];

/** Replaces API keys (`dgr_…`), authorization values and phone numbers with an ellipsis. It is idempotent. */
export function redact(text: string): string {
  return secrets.reduce((clean, [pattern, replacement]) => clean.replace(pattern, replacement), text);
}
