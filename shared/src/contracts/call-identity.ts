/**
 * Decides whether two requests are the same call. There are two forms of a call's identity. The server hashes the
 * first one; hosts derive their idempotency keys from either.
 */
import type { JsonObject, JsonValue } from './json';
import { triggerRequest, type TriggerRequest } from './trigger';

type Field = keyof typeof triggerRequest.shape;

/** The address of the callback does not change the call: a repeat may name another one. */
const nonIdentifyingFields: ReadonlySet<Field> = new Set<Field>(['callback_url']);

const identifyingFields = (Object.keys(triggerRequest.shape) as Field[]).filter(
  (field) => !nonIdentifyingFields.has(field),
);

/**
 * Two requests to one route with the same identity are the same call. A new field of the contract belongs to the
 * identity automatically.
 *
 * @param request as sent, or as parsed by the server. An absent field and null are the same.
 * @returns every field of the contract that has a value, except `callback_url`.
 */
export function callIdentity(request: Partial<TriggerRequest>): JsonObject {
  const given = identifyingFields.flatMap((field): [string, JsonValue][] => {
    const value = request[field];
    return value === undefined || value === null ? [] : [[field, value as JsonValue]];
  });
  return Object.fromEntries(given);
}

/**
 * The second form, for callers that name their calls. Two requests to one route with the same number and reference
 * are the same call, whatever their other fields are. So a variable with the current time does not make it another
 * call.
 *
 * @param reference such as the ID of an order or appointment.
 */
export function referenceIdentity(
  { phone_number }: Pick<TriggerRequest, 'phone_number'>,
  reference: string,
): JsonObject {
  return { phone_number, reference };
}
