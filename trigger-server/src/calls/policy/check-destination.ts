/** Whether a number may be called at a time, for people who test their destination policy. Nobody is called. */
import type { DestinationCheck } from '@dograh-trigger/shared';
import { Problem } from '../../problem';
import type { Services } from '../../services';
import { parseDestination, type Destination } from './destination';
import { assertDestinationAllowed, guardedTypeOf, readPolicy } from './destination-policy';
import { findDoNotCall } from './do-not-call/blocked';

/** Judges the number by the code that judges a call. The daily limit of keys and the limit of calls at once are not part of it. */
export async function checkDestination(
  services: Pick<Services, 'storage'>,
  organizationId: number,
  phoneNumber: string,
  at: Date,
): Promise<DestinationCheck> {
  const policy = await readPolicy(services, organizationId);
  let destination: Destination | null = null;
  try {
    destination = parseDestination(phoneNumber);
    const [onTheList] = await findDoNotCall(services.storage.read, [
      { organizationId, number: destination.e164, at },
    ]);
    if (onTheList != null) throw onTheList;
    assertDestinationAllowed(policy, destination, at);
    return { allowed: true, reason: null, rule: null, detail: null, ...describe(destination) };
  } catch (error) {
    const item = error instanceof Problem && Array.isArray(error.detail) ? error.detail[0] : undefined;
    if (item === undefined) throw error;
    const rule = item.ctx?.rule;
    return {
      allowed: false,
      reason: item.type,
      rule: typeof rule === 'string' ? rule : null,
      detail: item.msg,
      ...describe(destination),
    };
  }
}

function describe(destination: Destination | null) {
  if (destination === null) return { phone_number: null, countries: [], number_type: null };
  return {
    phone_number: destination.e164,
    countries: destination.countries(),
    number_type: guardedTypeOf(destination) ?? destination.type()?.toLowerCase() ?? null,
  };
}
