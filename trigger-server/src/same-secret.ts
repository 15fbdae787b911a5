/** Compares secrets in constant time: the duration does not reveal how much of a guess was right, nor its length. */
import { hash, timingSafeEqual } from 'node:crypto';

/** @param given the secret or signature that came with a request; undefined never matches. */
export function sameSecret(expected: string, given: string | undefined): boolean {
  return given !== undefined && timingSafeEqual(digest(expected), digest(given));
}

/** Digests of two texts have the same length, which `timingSafeEqual` requires. */
function digest(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
