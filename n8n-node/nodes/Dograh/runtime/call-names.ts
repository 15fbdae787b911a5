/** Identifies a call: its idempotency key, and the step by which a retry finds it. */
import {
  canonicalJson,
  idempotencyKey,
  sha256Hex,
  type CallRequest,
  type JsonValue,
} from '@dograh-trigger/shared';
import type { IExecuteFunctions } from 'n8n-workflow';
import type { WorkflowStart } from './workflow-start';

/** The called number and the agent. They distinguish the retry of a call from another call. */
export type Callee = Pick<CallRequest, 'target' | 'environment' | 'phoneNumber'>;

/** The reference as a key, with percent-encoding for characters that a key may not have: `lead-7` stays `lead-7`. */
export function keyOfReference(reference: string): string {
  return encodeURIComponent(reference);
}

/**
 * Distinguishes several calls of a node to the same callee. It does not use the item's index: in a retry the rows
 * may be in another order, and an index could identify another person's call.
 */
export interface CallPosition {
  /** A loop runs the node several times, each time with other items. */
  runIndex: number;
  /** How many items before this one call the same callee. */
  occurrence: number;
}

/**
 * The key of a call that is placed once per execution. It is derived, not random: when a queue moves a stalled
 * execution to another worker the ledger is lost, and this key still prevents a second dial. It is derived only
 * from what identifies a call in the ledger. So a variable with `$now` or a rotating caller ID does not change the
 * key, and a server that keeps keys refuses the changed request.
 *
 * @param position null when only the callee distinguishes calls.
 */
export function keyOfExecution(
  context: IExecuteFunctions,
  position: CallPosition | null,
  callee: Callee,
): string {
  return idempotencyKey([
    'n8n',
    context.getInstanceId(),
    context.getWorkflow().id ?? null,
    context.getExecutionId(),
    context.getNode().name,
    positionJson(position),
    calleeJson(callee),
  ]);
}

/**
 * Identifies a step across executions. A retry from the editor is another execution with another key, but its step
 * is the same as in the first execution.
 *
 * @param start what started the workflow, if known.
 */
export function stepOf(
  context: IExecuteFunctions,
  start: WorkflowStart | undefined,
  position: CallPosition | null,
  callee: Callee,
): string {
  return canonicalJson([
    'n8n',
    context.getInstanceId(),
    context.getWorkflow().id ?? null,
    context.getNode().id,
    positionJson(position),
    calleeJson(callee),
    start?.items ?? null,
  ]);
}

/** A hash of a callee, 64 hex digits, which does not reveal the number. */
export function hashOfCallee(callee: Callee): string {
  return sha256Hex(canonicalJson(calleeJson(callee)));
}

/**
 * How many items before each one call the same callee.
 *
 * @param callees one per item; undefined for an item with invalid fields.
 */
export function countOccurrences(callees: readonly (Callee | undefined)[]): number[] {
  const seen = new Map<string, number>();
  return callees.map((callee) => {
    if (callee === undefined) return 0;
    const name = hashOfCallee(callee);
    const before = seen.get(name) ?? 0;
    seen.set(name, before + 1);
    return before;
  });
}

function positionJson(position: CallPosition | null): JsonValue {
  return position && { ...position };
}

function calleeJson({ target, environment, phoneNumber }: Callee): JsonValue {
  return { target: { ...target }, environment, phoneNumber };
}
