/**
 * A new idempotency key. Keep it until a reply has come: the same request with the same key never dials twice.
 * `crypto.randomUUID` is missing where the console is opened by plain http from another machine.
 */
export function freshIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `console-${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
