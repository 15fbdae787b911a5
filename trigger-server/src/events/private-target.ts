/**
 * Refuses an address that certainly leads into a private network at once, so that nobody waits for an event that cannot
 * arrive. A host name may resolve differently later, so it is checked when connecting.
 */
import { invalidPlace } from '../problem';
import type { Services } from '../services';

export const privateTarget =
  'The address leads into a private network, and the operator has not allowed that (ALLOWED_PRIVATE_TARGETS)';

/**
 * @param field the name of the body's field with the address.
 * @param url an address that the contract has accepted.
 * @throws Problem unprocessable at the field, code `private_target`.
 */
export function assertReachable({ carrier }: Pick<Services, 'carrier'>, field: string, url: string): void {
  if (!carrier.addressGuard.refuses(new URL(url).hostname)) return;
  throw invalidPlace(
    {
      type: 'private_target',
      loc: ['body', field],
      msg: `${privateTarget}. Use a public address, or ask the operator to allow this one.`,
      input: null,
    },
    'private_target',
  );
}
