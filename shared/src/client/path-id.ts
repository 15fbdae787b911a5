/** Ids in the path of a request. */
import { TriggerError } from '../errors';

/**
 * An id as a path segment.
 * @param name The kind of object, for the error message.
 * @throws TriggerError `invalid_input` unless it is a whole number: an empty field yields NaN.
 */
export function pathId(name: string, id: number): string {
  if (Number.isSafeInteger(id) && id >= 0) return String(id);
  throw new TriggerError({ code: 'invalid_input', message: `The id of the ${name} must be a whole number.` });
}
