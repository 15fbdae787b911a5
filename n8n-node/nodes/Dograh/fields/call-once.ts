/** The fields Call Once Per and Call Reference: the scope in which a call is placed only once. */
import { fieldRefusal, fieldText } from '@dograh-trigger/shared';
import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { keyOfReference } from '../runtime/call-names';

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

/** The maximum length of an idempotency key. */
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

/** False for text with half of a surrogate pair, which cannot be encoded for a header. */
function isWellFormed(text: string): boolean {
  return !/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(text);
}
