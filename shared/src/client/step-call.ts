/** Finds the call of a host's step that has lost its result, by the mark of the step. */
import type { Connection } from './connection';
import { hasMarkOfKey, hasMarkOfStep, isMarkedByReference } from './marks';
import { searchForStep } from './search-before-dial';

export interface StepOfCall {
  /** The value that was sent as {@link CallRequest.step}. */
  step: string;
  /** The step's current key. */
  idempotencyKey: string;
  /** Whether the key is a reference. A call with another reference is another call. */
  isReference?: boolean | undefined;
  /** The number that the step calls, in E.164. */
  phoneNumber: string;
  /** How far back to search. */
  withinSeconds: number;
  signal?: AbortSignal;
}

export interface CallOfStep {
  runId: number;
  /** The server's timestamp; null when the row has none. */
  createdAt: string | null;
  /** Whether the call was requested with the step's current key. */
  hasKey: boolean;
}

/**
 * Searches the list of calls once. It does not find a request that is still on its way: wait 5 seconds before.
 *
 * @returns the newest call, if there is one. Calls that were refused before a phone could ring are skipped.
 * @throws TriggerError `outcome_unknown` when the list of calls cannot be read, and `invalid_key`, `busy` or
 *   `unreachable`, after which the search may be repeated.
 */
export async function findCallOfStep(
  connection: Connection,
  { step, idempotencyKey, isReference = false, phoneNumber, withinSeconds, signal }: StepOfCall,
): Promise<CallOfStep | undefined> {
  const found = await searchForStep(connection, {
    isMarked: (variables) =>
      hasMarkOfStep(variables, step) &&
      !(isReference && isMarkedByReference(variables) && !hasMarkOfKey(variables, idempotencyKey)),
    phoneNumber,
    withinSeconds,
    signal,
  });
  if (found === undefined) return undefined;
  const hasKey = hasMarkOfKey(found.initial_context, idempotencyKey);
  return { runId: found.id, createdAt: found.created_at ?? null, hasKey };
}
