/** The call of a step of a host that no longer knows what came of it, found by the mark that all its calls have. */
import type { Connection } from './connection';
import { hasMarkOfKey, hasMarkOfStep, isMarkedByReference } from './idempotency';
import { searchForStep } from './search-before-dial';

export interface StepOfCall {
  /** As it was sent in {@link CallRequest.step}. */
  step: string;
  /** The key that the step has now. */
  idempotencyKey: string;
  /** Whether that is a reference: then a call with another reference is another call. */
  isReference?: boolean | undefined;
  /** Whom the step calls, in E.164. */
  phoneNumber: string;
  /** How long ago the call may have been placed. */
  withinSeconds: number;
  signal?: AbortSignal;
}

export interface CallOfStep {
  runId: number;
  /** As the server wrote it; null where it says nothing. */
  createdAt: string | null;
  /** Whether the call was asked for with the key that the step has now. */
  hasKey: boolean;
}

/**
 * Looks for it once. A first request that is still on its way is not found: leave it 5 seconds.
 *
 * @returns the newest call, if there is one. Calls that were refused before a phone could ring are none.
 * @throws TriggerError `outcome_unknown` when the list of calls cannot be read, and `invalid_key`, `busy` or
 *   `unreachable`, after which the question may be put again.
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
