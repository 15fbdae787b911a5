/** The variables of a run's texts: greeting, prompts, stream parameters and webhook nodes. */
import { callMarker, reservedNames, type JsonObject } from '@dograh-trigger/shared';
import type { RunRow } from './store';

/** Keys of a context that belong to the server; a caller's are dropped. */
export const reservedKeys: ReadonlySet<string> = new Set([
  'provider',
  'runtime_configuration',
  'mps_correlation_id',
]);

/** The context that the run started with, and the caller ID, which is known after the dial at the latest. */
export function initialContext(run: Pick<RunRow, 'initial_context' | 'caller_number'>): JsonObject {
  const context = JSON.parse(run.initial_context) as JsonObject;
  // The object was just parsed, so it may be changed. Copying it would be expensive: a context may have 20,000 names.
  if (run.caller_number !== null) context.caller_number = run.caller_number;
  return context;
}

/**
 * The context for prompts: with what is known about the call by now, and without the marker by which a client finds its
 * own call.
 */
export function promptContext(
  run: Pick<RunRow, 'id' | 'initial_context' | 'called_number' | 'caller_number' | 'provider_call_id'>,
): JsonObject {
  const { [callMarker]: _marker, ...context } = initialContext(run);
  return Object.assign(context, {
    workflow_run_id: run.id,
    // A text chat has none, and its context may name one.
    ...(run.called_number === '' ? {} : { called_number: run.called_number }),
    ...(run.provider_call_id === null ? {} : { call_id: run.provider_call_id }),
  });
}

/** What the server writes besides the names that are reserved for it. */
const numbers = ['phone_number', 'called_number', 'caller_number'];

/** The context without what this server writes, and without the marker of a client. */
export function withoutReserved(context: JsonObject): JsonObject {
  const given = Object.entries(context).filter(([key]) => !reservedNames.has(key) && !numbers.includes(key));
  return Object.fromEntries(given);
}
