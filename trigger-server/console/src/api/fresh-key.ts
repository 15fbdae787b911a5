import { ApiError } from './http';

/**
 * A new idempotency key. Keep it until a reply has come: the same request with the same key never dials twice.
 * `crypto.randomUUID` is missing where the console is opened by plain http from another machine.
 */
export function freshIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `console-${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

/**
 * Whether it is unknown what became of the call: no answer came, the first request is still under way, or the carrier did
 * not answer. The same key is sent again then, so that a second try cannot ring the phone twice.
 */
export function mayHaveRung(failure: unknown): boolean {
  return failure instanceof ApiError && [0, 409, 504].includes(failure.status);
}
