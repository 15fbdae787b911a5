/** Whether numbers may be called at a time, without a call. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DestinationCheck, DestinationPolicy } from '@dograh-trigger/shared';
import { Problem } from '../../problem';
import type { Services } from '../../services';
import type { CallTime } from './calling-hours';
import { parseDestination, type Destination } from './destination';
import { assertDestinationAllowed, guardedTypeOf, readPolicy } from './destination-policy';

/** Other requests are served between two batches: a number takes about 0.1 ms. */
const numbersPerBatch = 100;

/**
 * Judges each number by the code that judges a call. The daily limit of keys and the limit of calls at once are not part
 * of it. @returns one answer per number, in their order.
 */
export async function checkDestinations(
  services: Pick<Services, 'storage'>,
  organizationId: number,
  phoneNumbers: readonly string[],
  time: CallTime,
): Promise<DestinationCheck[]> {
  const policy = await readPolicy(services, organizationId);
  const checks: DestinationCheck[] = [];
  for (const [index, phoneNumber] of phoneNumbers.entries()) {
    if (index % numbersPerBatch === numbersPerBatch - 1) await nextTurn();
    checks.push(checkDestination(policy, phoneNumber, time));
  }
  return checks;
}

function checkDestination(policy: DestinationPolicy, phoneNumber: string, time: CallTime): DestinationCheck {
  let destination: Destination | null = null;
  try {
    destination = parseDestination(phoneNumber);
    assertDestinationAllowed(policy, destination, time);
    return {
      allowed: true,
      reason: null,
      rule: null,
      detail: null,
      opens_at: null,
      ...describe(destination),
    };
  } catch (error) {
    const item = error instanceof Problem && Array.isArray(error.detail) ? error.detail[0] : undefined;
    if (item === undefined) throw error;
    return {
      allowed: false,
      reason: item.type,
      rule: textOrNull(item.ctx?.rule),
      detail: item.msg,
      opens_at: textOrNull(item.ctx?.opens_at),
      ...describe(destination),
    };
  }
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function describe(destination: Destination | null) {
  if (destination === null) return { phone_number: null, countries: [], number_type: null };
  return {
    phone_number: destination.e164,
    countries: destination.countries(),
    number_type: guardedTypeOf(destination) ?? destination.type()?.toLowerCase() ?? null,
  };
}
