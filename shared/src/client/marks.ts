/** The marks by which a client finds its calls in the list. */
import { callMarker, type JsonObject } from '../contracts';
import { sha256OfText } from './sha256';

/** Not a hex digit, so it cannot be confused with the hashes before it. */
const referenceSuffix = 'r';

/** Length of each hash in a mark, in hex digits. */
const markLength = 32;

/**
 * The mark that a call has in its `initial_context` under `callMarker`: 32 hex digits for the key, 32 for the step
 * if the host names one, and an `r` if the key is a reference. They are hashes, because variables are displayed and
 * exported.
 */
export function markOf(key: string, step?: string, isReference = false): string {
  const keyHash = sha256OfText(`${callMarker}\n${key}`).slice(0, markLength);
  return step === undefined ? keyHash : keyHash + stepHash(step) + (isReference ? referenceSuffix : '');
}

/** Whether the call with these variables was requested with this key. */
export function hasMarkOfKey(variables: JsonObject | null | undefined, key: string): boolean {
  const mark = variables?.[callMarker];
  return typeof mark === 'string' && mark.slice(0, markLength) === markOf(key);
}

/** Whether the call with these variables was requested by this step. */
export function hasMarkOfStep(variables: JsonObject | null | undefined, step: string): boolean {
  const mark = variables?.[callMarker];
  return typeof mark === 'string' && mark.slice(markLength, 2 * markLength) === stepHash(step);
}

/** Whether the call with these variables was requested with a reference as its key. */
export function isMarkedByReference(variables: JsonObject | null | undefined): boolean {
  const mark = variables?.[callMarker];
  return typeof mark === 'string' && mark.endsWith(referenceSuffix);
}

function stepHash(step: string): string {
  return sha256OfText(`${callMarker} step\n${step}`).slice(0, markLength);
}
