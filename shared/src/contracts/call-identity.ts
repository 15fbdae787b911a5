/**
 * What makes a call another call, said once: the server's hash of a request comes from it, and so do keys that a host
 * makes of a call. A field that is added to the contract belongs to it by itself.
 */
import type { JsonObject, JsonValue } from './json';
import { triggerRequest, type TriggerRequest } from './trigger';

type Field = keyof typeof triggerRequest.shape;

/** Where the end of a call is told changes nothing about the call: a repeat may name another address. */
const besideTheCall: ReadonlySet<Field> = new Set<Field>(['callback_url']);

const identifyingFields = (Object.keys(triggerRequest.shape) as Field[]).filter(
  (field) => !besideTheCall.has(field),
);

/**
 * Two requests to one route with the same identity are the same call.
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
