/** Counts the requests for a call by what came of them. */
import type { Metrics } from '../metrics';
import { Problem } from '../problem';
import { DatabaseRefusal, DamagedDatabase } from '../storage/port';
import type { CallReceipt } from './place-call';

/** Places the call and counts it. An error is counted by its code, and passed on. */
export async function countTrigger(
  { triggers }: Pick<Metrics, 'triggers'>,
  place: () => Promise<CallReceipt>,
): Promise<CallReceipt> {
  try {
    const receipt = await place();
    triggers.inc({ outcome: outcomeOf(receipt), reason: receipt.temporary?.code ?? '' });
    return receipt;
  } catch (error) {
    triggers.inc({ outcome: 'rejected', reason: reasonOf(error) });
    throw error;
  }
}

function outcomeOf({ replayed, outcome }: CallReceipt): string {
  if (outcome === null) return 'in_progress';
  return replayed ? 'replayed' : outcome;
}

function reasonOf(error: unknown): string {
  if (error instanceof Problem) return error.code;
  const isDatabase = error instanceof DatabaseRefusal || error instanceof DamagedDatabase;
  return isDatabase ? 'database_unavailable' : 'internal_error';
}
