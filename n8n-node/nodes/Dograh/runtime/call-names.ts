/** What a call is known by: its key, and the names under which a retry finds it. */
import {
  canonicalJson,
  idempotencyKey,
  sha256Hex,
  type CallRequest,
  type JsonValue,
} from '@dograh-trigger/shared';
import type { IExecuteFunctions } from 'n8n-workflow';
import type { WorkflowStart } from './workflow-start';

/** Whom an item calls, and with which agent: what tells a retry of its call from another call. */
export type Callee = Pick<CallRequest, 'target' | 'environment' | 'phoneNumber'>;

/** The reference itself, written with the characters that a key may have: `lead-7` stays `lead-7`. */
export function keyOfReference(reference: string): string {
  return encodeURIComponent(reference);
}

/**
 * Which of the node's calls to one callee a call is. The item's place in the list is no part of it: the rows of a retry may
 * have moved, and then a place would name somebody else's call.
 */
export interface CallPosition {
  /** A loop runs the node several times, each time with items of its own. */
  runIndex: number;
  /** How many items before this one call the same callee. */
  occurrence: number;
}

/**
 * Derived rather than random: a queue that hands a stalled execution to another worker loses the ledger, and then this
 * key still stops the second dial. Made of what the ledger knows a call by, and of nothing else: a variable with `$now`
 * in it or a caller ID that rotates makes no other key, and a server that keeps keys refuses the changed request.
 *
 * @param place null where a callee is all that tells calls apart.
 */
export function keyOfExecution(
  context: IExecuteFunctions,
  place: CallPosition | null,
  callee: Callee,
): string {
  return idempotencyKey([
    'n8n',
    context.getInstanceId(),
    context.getWorkflow().id ?? null,
    context.getExecutionId(),
    context.getNode().name,
    asJson(place),
    calleeJson(callee),
  ]);
}

/**
 * A retry from the editor is an execution of its own, with a key of its own: this is what its call has in common with the
 * one of the first.
 *
 * @param start what started the workflow, where that is known.
 */
export function stepOf(
  context: IExecuteFunctions,
  start: WorkflowStart | undefined,
  place: CallPosition | null,
  callee: Callee,
): string {
  return canonicalJson([
    'n8n',
    context.getInstanceId(),
    context.getWorkflow().id ?? null,
    context.getNode().id,
    asJson(place),
    calleeJson(callee),
    start?.items ?? null,
  ]);
}

/** A callee in a word: 64 hex digits, which tell nobody the number. */
export function hashOfCallee(callee: Callee): string {
  return sha256Hex(canonicalJson(calleeJson(callee)));
}

/**
 * How many items before each one call the same callee.
 *
 * @param callees of each item; undefined where an item has none, because a field of it is wrong.
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

function asJson(place: CallPosition | null): JsonValue {
  return place && { ...place };
}

function calleeJson({ target, environment, phoneNumber }: Callee): JsonValue {
  return { target: { ...target }, environment, phoneNumber };
}
