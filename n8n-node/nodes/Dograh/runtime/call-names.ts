/** What a call is known by: its key, and the names under which a retry finds it. */
import {
  canonicalJson,
  idempotencyKey,
  type CallRequest,
  type JsonValue,
  type StepNames,
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
 * Derived rather than random: a queue that hands a stalled execution to another worker loses the ledger, and then this
 * key still stops the second dial. Made of what the ledger knows a call by, and of nothing else: a variable with `$now`
 * in it or a caller ID that rotates makes no other key, and a server that keeps keys refuses the changed request.
 *
 * @param place which of the node's calls it is; null where a callee is all that tells them apart.
 */
export function keyOfExecution(context: IExecuteFunctions, place: CallPlace | null, callee: Callee): string {
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

/** Which of the node's calls one is: a loop runs the node several times, each time with items of its own. */
export interface CallPlace {
  runIndex: number;
  itemIndex: number;
}

/**
 * A retry from the editor is an execution of its own, with a key of its own: these names are what its calls have in common
 * with those of the first.
 *
 * @param start what started the workflow, where that is known.
 */
export function stepOf(
  context: IExecuteFunctions,
  start: WorkflowStart | undefined,
  place: CallPlace | null,
  callee: Callee,
): StepNames {
  const ofNode = [
    'n8n',
    context.getInstanceId(),
    context.getWorkflow().id ?? null,
    context.getNode().id,
    calleeJson(callee),
    start?.items ?? null,
  ];
  return { call: canonicalJson([...ofNode, asJson(place)]), callee: canonicalJson(ofNode) };
}

function asJson(place: CallPlace | null): JsonValue {
  return place && { ...place };
}

function calleeJson({ target, environment, phoneNumber }: Callee): JsonValue {
  return { target: { ...target }, environment, phoneNumber };
}
