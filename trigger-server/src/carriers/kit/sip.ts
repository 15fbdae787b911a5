/** The outcome of a call by its final SIP response, for carriers that send it. */
import type { Outcome } from '../port/outcomes';

/**
 * RFC 3261, section 21; 607 RFC 8197; 608 RFC 8688. The table leaves out responses that do not show who ended the call
 * and why: 408 (a timeout), 487 (a cancellation) and 500 (any error of a server).
 */
const outcomesByCode: ReadonlyMap<number, Outcome> = new Map<number, Outcome>([
  [401, 'refused'],
  [402, 'refused'],
  [403, 'refused'],
  [404, 'invalid_number'],
  [407, 'refused'],
  [410, 'invalid_number'],
  [480, 'unavailable'],
  [484, 'invalid_number'],
  [486, 'busy'],
  [502, 'unreachable'],
  [503, 'overloaded'],
  [504, 'unreachable'],
  [600, 'busy'],
  [603, 'declined'],
  [604, 'invalid_number'],
  [607, 'declined'],
  [608, 'declined'],
]);

export function outcomeOfSip(code: number | undefined): Outcome | undefined {
  return code === undefined ? undefined : outcomesByCode.get(code);
}

/** The code of a final response other than success; undefined for any other text. */
export function sipCode(text: string | undefined): number | undefined {
  return text !== undefined && /^[3-6]\d\d$/.test(text) ? Number(text) : undefined;
}
