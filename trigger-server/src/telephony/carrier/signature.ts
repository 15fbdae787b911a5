/** Comparison of signatures without telling by its time how much of a guess was right. */
import { timingSafeEqual } from 'node:crypto';

/** @param given what came with the request; undefined never matches. */
export function sameSignature(expected: string, given: string | undefined): boolean {
  if (given === undefined) return false;
  const left = Buffer.from(expected);
  const right = Buffer.from(given);
  return left.length === right.length && timingSafeEqual(left, right);
}
