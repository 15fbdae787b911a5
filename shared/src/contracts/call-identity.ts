/**
 * What makes a call another call, said once, in two forms. The server's hash of a request comes from the first, and keys
 * that a host makes of a call from either.
 */
import type { JsonObject, JsonValue } from './json';
import { triggerRequest, type TriggerRequest } from './trigger';

type Field = keyof typeof triggerRequest.shape;

/** Where the end of a call is told changes nothing about the call: a repeat may name another address. */
const nonIdentifyingFields: ReadonlySet<Field> = new Set<Field>(['callback_url']);

const identifyingFields = (Object.keys(triggerRequest.shape) as Field[]).filter(
  (field) => !nonIdentifyingFields.has(field),
);

/**
 * Two requests to one route with the same identity are the same call. A field that is added to the contract belongs to
 * it by itself.
 *
 * @param request as it is sent, or as the server has read it; what is absent and what is null are the same.
 * @returns every field of the contract that was given, but for `callback_url`.
 */
export function callIdentity(request: Partial<TriggerRequest>): JsonObject {
  const given = identifyingFields.flatMap((field): [string, JsonValue][] => {
    const value = request[field];
    return value === undefined || value === null ? [] : [[field, value as JsonValue]];
  });
  return Object.fromEntries(given);
}

/**
 * The other form, for a caller that names its calls itself: two requests to one route with the same reference are the
 * same call, whatever else they say. So a clock in a variable makes no other call of it.
 *
 * @param reference such as the ID of an order or appointment.
 */
export function referenceIdentity(
  { phone_number }: Pick<TriggerRequest, 'phone_number'>,
  reference: string,
): JsonObject {
  return { phone_number, reference };
}
