/** What a call is placed once per, and what its key and its mark are made of. */
import {
  canonicalJson,
  fieldRefusal,
  fieldText,
  idempotencyKey,
  type CallRequest,
  type JsonValue,
  type StepNames,
} from '@dograh-trigger/shared';
import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import type { WorkflowStart } from './workflow-start';

/** Whom an item calls, and with which agent: what tells a retry of its call from another call. */
export type Callee = Pick<CallRequest, 'target' | 'environment' | 'phoneNumber'>;

export function callOnceFields(displayOptions: { show: Record<string, string[]> }): INodeProperties[] {
  return [
    {
      displayName: 'Call Once Per',
      name: 'callOncePer',
      type: 'options',
      default: 'execution',
      description: 'What must not make a second call',
      displayOptions,
      options: [
        {
          name: 'Execution',
          value: 'execution',
          description:
            'Each item calls once in an execution, and its retries call nobody again. The next execution calls anew.',
        },
        {
          name: 'Call Reference',
          value: 'reference',
          description:
            'One reference calls once in 30 days, whatever item, execution or workflow it comes from',
        },
      ],
    },
    {
      displayName: 'Call Reference',
      name: 'callReference',
      type: 'string',
      required: true,
      default: '',
      placeholder: 'e.g. {{ $json.lead_id }}',
      description:
        'What names the call, such as the ID of a lead or an appointment. Where it was used before, nobody is called: the item has already_placed and the call as it is now.',
      displayOptions: { show: { ...displayOptions.show, callOncePer: ['reference'] } },
    },
  ];
}

/** The longest key that a server keeps. */
const longestReference = 255;

/**
 * @returns undefined where a call is placed once per execution.
 * @throws TriggerError `invalid_input`
 */
export function readCallReference(context: IExecuteFunctions, itemIndex: number): string | undefined {
  const per = context.getNodeParameter('callOncePer', itemIndex, 'execution');
  if (per === 'execution') return undefined;
  if (per !== 'reference')
    throw fieldRefusal(
      'Call Once Per',
      'choose Execution or Call Reference; an expression must yield execution or reference',
    );
  const reference = fieldText(context.getNodeParameter('callReference', itemIndex, ''));
  if (reference === '')
    throw fieldRefusal('Call Reference', 'enter what names the call, such as the ID of a lead');
  if (!isWellFormed(reference) || keyOfReference(reference).length > longestReference) {
    throw fieldRefusal('Call Reference', 'enter a shorter text, such as the ID of a lead');
  }
  return reference;
}

/** A half of a character, which a text cut in its middle has, cannot be written in a header. */
function isWellFormed(text: string): boolean {
  return !/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(text);
}

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
