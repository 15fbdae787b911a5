/** A run that is there already, as the call that a trigger would have placed. */
import type { Run } from '../contracts';
import type { PlacedCall } from './place-call';
import { summarizeRun } from './run-summary';

/** @returns the call as it is now: its status is the run's, and something else than this client has placed it. */
export function callOfRun(run: Run): PlacedCall {
  const { status, mode, fallbackFrom } = summarizeRun(run);
  const { id: runId, name: runName, workflow_id: workflowId } = run;
  return { runId, runName, status, workflowId, mode, fallbackFrom, replayed: true, placedBefore: true };
}
