/** Whether a carrier signed a request recently, so that an old one cannot be replayed. */
import type { CallbackRequest } from '../port/callback';

/**
 * Whether the request was signed recently, by the wall clock or by the steady clock. After the wall clock was set, one
 * of the two still agrees with the carrier's clock.
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
