/** What the texts of a run may name: its greeting, its prompts, the parameters of its stream, its webhook nodes. */
import { callMarker, type JsonObject } from '@dograh-trigger/shared';
import type { RunRow } from './store';

/** The context that the run began with, and the number that its callee sees: known by the dial at the latest. */
export function initialContext(run: Pick<RunRow, 'initial_context' | 'caller_number'>): JsonObject {
  const context = JSON.parse(run.initial_context) as JsonObject;
  // Parsed just now, so it is nobody else's; a context may have 20,000 names, and each copy of it costs.
  if (run.caller_number !== null) context.caller_number = run.caller_number;
  return context;
}

/** The same as prompts see it: with what is known of the call by now, and without what tells a client its own call again. */
export function promptContext(
  run: Pick<RunRow, 'id' | 'initial_context' | 'called_number' | 'caller_number' | 'provider_call_id'>,
): JsonObject {
  const { [callMarker]: _marker, ...context } = initialContext(run);
  return Object.assign(context, {
    workflow_run_id: run.id,
    called_number: run.called_number,
    ...(run.provider_call_id === null ? {} : { call_id: run.provider_call_id }),
  });
}
