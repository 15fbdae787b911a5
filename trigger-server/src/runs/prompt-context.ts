/** What the texts of a run may name: its greeting, its prompts, the parameters of its stream, its webhook nodes. */
import { callMarker, type JsonObject } from '@dograh-trigger/shared';
import type { RunRow } from './store';

type ContextColumns = Pick<
  RunRow,
  'id' | 'initial_context' | 'called_number' | 'caller_number' | 'provider_call_id'
>;

/** The context that the run began with, and what is known of the call by now. The server's facts come last. */
export function promptContext(run: ContextColumns): JsonObject {
  const begunWith = JSON.parse(run.initial_context) as JsonObject;
  const entries = Object.entries(begunWith).filter(([name]) => name !== callMarker);
  // fromEntries defines keys, it does not assign them: a key named __proto__ stays an ordinary key.
  return {
    ...Object.fromEntries(entries),
    workflow_run_id: run.id,
    called_number: run.called_number,
    ...(run.caller_number === null ? {} : { caller_number: run.caller_number }),
    ...(run.provider_call_id === null ? {} : { call_id: run.provider_call_id }),
  };
}
