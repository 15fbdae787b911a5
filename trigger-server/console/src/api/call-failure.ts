/** Why a call was not placed, by the codes of the trigger client's errors. The client itself is loaded lazily. */
import type { TriggerError } from '@dograh-trigger/shared';

function isTriggerError(failure: unknown): failure is TriggerError {
  return failure instanceof Error && failure.name === 'TriggerError';
}

/**
 * Whether it is unknown what became of the call. The same key is sent again then, so that another try cannot ring the phone
 * twice.
 */
export function mayHaveRung(failure: unknown): boolean {
  return isTriggerError(failure) && failure.code === 'outcome_unknown';
}

/** What is wrong with the input, where only the number was typed; undefined for any other failure. */
export function wrongNumber(failure: unknown): string | undefined {
  const isInput = isTriggerError(failure) && failure.code === 'invalid_input';
  return isInput && failure.problemCode === undefined ? failure.message : undefined;
}
