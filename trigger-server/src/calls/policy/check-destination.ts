/** Whether numbers may be called at a time, without a call. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DestinationCheck, DestinationPolicy } from '@dograh-trigger/shared';
import { Problem } from '../../problem';
import type { Services } from '../../services';
import type { CallTime } from './calling-hours';
import { parseDestination, type Destination } from './destination';
import { assertNumberAllowed, guardedTypeOf, readPolicy } from './destination-policy';
import { findDoNotCall } from './do-not-call/blocked';
import { numberPause } from './number-limit/number-limit';
import { closedRefusal, openingFor } from './opening';

/** Other requests are served between two batches: a number takes about 0.1 ms. */
const numbersPerBatch = 100;

/**
 * Judges each number by the code that judges a call. The daily limit of keys and the limit of calls at once are not part
 * of it. @returns one answer per number, in their order.
 */
export async function checkDestinations(
  services: Pick<Services, 'storage' | 'clock'>,
  organizationId: number,
  phoneNumbers: readonly string[],
  time: CallTime,
): Promise<DestinationCheck[]> {
  const policy = await readPolicy(services, organizationId);
  const checks: DestinationCheck[] = [];
  for (let from = 0; from < phoneNumbers.length; from += numbersPerBatch) {
    if (from > 0) await nextTurn();
    const numbers = phoneNumbers.slice(from, from + numbersPerBatch).map(parsed);
    const listed = await refusalsOfList(services, organizationId, numbers, time.at);
    const pauses = await Promise.all(
      numbers.map((number) => pauseOf(services, policy, organizationId, number, time.at)),
    );
    for (const [index, number] of numbers.entries()) {
      checks.push(
        check(policy, number, { onTheList: listed.get(number) ?? null, pause: pauses[index] ?? 0 }, time),
      );
    }
  }
  return checks;
}

/** A number, or why it cannot be called. */
type Parsed = Destination | Problem;

function parsed(phoneNumber: string): Parsed {
  try {
    return parseDestination(phoneNumber);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
}

/** The numbers on the do-not-call list, with their refusals. */
async function refusalsOfList(
  { storage }: Pick<Services, 'storage'>,
  organizationId: number,
  numbers: readonly Parsed[],
  at: Date,
): Promise<Map<Parsed, Problem>> {
  const asked = numbers.filter((number): number is Destination => !(number instanceof Problem));
  const callees = asked.map(({ e164 }) => ({ organizationId, number: e164, at }));
  const refusals = await findDoNotCall(storage.read, callees);
  return new Map(
    asked.flatMap((number, index) => {
      const refusal = refusals[index] ?? null;
      return refusal === null ? [] : [[number, refusal] as const];
    }),
  );
}

/** As `numberPause`, at an instant of the wall clock. */
async function pauseOf(
  { storage, clock }: Pick<Services, 'storage' | 'clock'>,
  policy: DestinationPolicy,
  organizationId: number,
  number: Parsed,
  at: Date,
): Promise<number> {
  if (number instanceof Problem) return 0;
  const untilThen = at.getTime() - clock.now().getTime();
  const steadyAt = new Date(clock.steady().getTime() + untilThen);
  return numberPause(storage.read, policy, { organizationId, number: number.e164, at: steadyAt });
}

/** What the database says about a number: see `findDoNotCall` and `numberPause`. */
interface Stored {
  onTheList: Problem | null;
  pause: number;
}

function check(
  policy: DestinationPolicy,
  number: Parsed,
  { onTheList, pause }: Stored,
  time: CallTime,
): DestinationCheck {
  const destination = number instanceof Problem ? null : number;
  try {
    if (number instanceof Problem) throw number;
    if (onTheList !== null) throw onTheList;
    assertNumberAllowed(policy, number);
    const opening = openingFor(policy, number, time, pause);
    if (!opening.open) throw closedRefusal(opening, time.at);
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
