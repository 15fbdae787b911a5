/** Whether a signature is right, and recent: compared without telling by its time how much of a guess was right. */
import { timingSafeEqual } from 'node:crypto';
import type { CallbackRequest } from '../port/callback';

/** @param given what came with the request; undefined never matches. */
export function sameSignature(expected: string, given: string | undefined): boolean {
  if (given === undefined) return false;
  const left = Buffer.from(expected);
  const right = Buffer.from(given);
  return left.length === right.length && timingSafeEqual(left, right);
}

/**
 * Whether the request was signed recently, by the wall clock or by the steady one: after the wall clock was set, one of
 * the two still agrees with the carrier's.
 * @param signedAtSeconds the carrier's timestamp, in seconds since 1970.
 */
export function isRecent(
  { receivedAt, receivedSteadyAt }: Pick<CallbackRequest, 'receivedAt' | 'receivedSteadyAt'>,
  signedAtSeconds: number,
  toleranceSeconds: number,
): boolean {
  return [receivedAt, receivedSteadyAt].some(
    (at) => Math.abs(Math.floor(at.getTime() / 1000) - signedAtSeconds) <= toleranceSeconds,
  );
}
