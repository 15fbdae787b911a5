/** Returns the TriggerError that an action throws, for several assertions. */
import { isTriggerError, type TriggerError } from '@dograh-trigger/shared';

/** Runs an action that must throw a TriggerError. */
export function caughtFrom(action: () => unknown): TriggerError {
  try {
    action();
  } catch (error) {
    return triggerErrorOf(error);
  }
  throw new Error('Nothing was thrown');
}

/** Waits for a promise that must reject with a TriggerError. */
export async function rejectionOf(promise: Promise<unknown>): Promise<TriggerError> {
  try {
    await promise;
  } catch (error) {
    return triggerErrorOf(error);
  }
  throw new Error('The promise was fulfilled');
}

function triggerErrorOf(error: unknown): TriggerError {
  if (isTriggerError(error)) return error;
  throw error;
}
