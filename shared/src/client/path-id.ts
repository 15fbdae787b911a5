/** Ids in a request's path. */
import { TriggerError } from '../errors';

/**
 * An id as a path segment.
 * @param name What the id names, for the error.
 * @throws TriggerError `invalid_input` for what is no whole number, such as NaN from an empty field.
 */
export function pathId(name: string, id: number): string {
  if (Number.isSafeInteger(id) && id >= 0) return String(id);
  throw new TriggerError({ code: 'invalid_input', message: `The id of the ${name} must be a whole number.` });
}
