/** The call of a step of a host that no longer knows what came of it, found by the mark that all its calls have. */
import type { Connection } from './connection';
import { hasMarkOfStep, type StepNames } from './idempotency';
import { lookForStep } from './look-before-dial';

export interface StepOfCall {
  /** As it was sent in {@link CallRequest.step}. */
  step: StepNames;
  /** By which of its names to look for it. */
  by: keyof StepNames;
  /** Calls that are known already, by run ID. */
  except?: ReadonlySet<number>;
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
  { step, by, except, phoneNumber, withinSeconds, signal }: StepOfCall,
): Promise<CallOfStep | undefined> {
  const found = await lookForStep(connection, {
    isMarked: (variables) => hasMarkOfStep(variables, step, by),
    except,
    phoneNumber,
    withinSeconds,
    signal,
  });
  return found && { runId: found.id, createdAt: found.created_at ?? null };
}
