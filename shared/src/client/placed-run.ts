/** An existing run in the form of a placed call. */
import type { Run } from '../contracts';
import type { PlacedCall } from './place-call';
import { summarizeRun } from './run-summary';

/** @returns the call with the run's current status, and `placedBefore`: another request placed it. */
export function callOfRun(run: Run): PlacedCall {
  const { status, mode, fallbackFrom } = summarizeRun(run);
  const { id: runId, name: runName, workflow_id: workflowId } = run;
  return { runId, runName, status, workflowId, mode, fallbackFrom, replayed: true, placedBefore: true };
}
