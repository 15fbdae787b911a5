/** Numbers as carriers write them. */

/** E.164 without its plus. */
export function withoutPlus(e164: string): string {
  return e164.replace(/^\+/, '');
}
