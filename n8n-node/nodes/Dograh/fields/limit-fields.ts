/** The fields Return All and Limit, as in n8n's own nodes. */
import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';

export function limitFields(show: Record<string, string[]>): INodeProperties[] {
  return [
    {
      displayName: 'Return All',
      name: 'returnAll',
      type: 'boolean',
      default: false,
      description: 'Whether to return all results or only up to a given limit',
      displayOptions: { show },
    },
    {
      displayName: 'Limit',
      name: 'limit',
      type: 'number',
      typeOptions: { minValue: 1 },
      default: 50,
      description: 'Max number of results to return',
      displayOptions: { show: { ...show, returnAll: [false] } },
    },
  ];
}

/** The maximum number of results; Infinity for Return All. */
export function readLimit(context: IExecuteFunctions, itemIndex: number): number {
  if (context.getNodeParameter('returnAll', itemIndex, false)) return Infinity;
  return Math.max(1, Math.floor(context.getNodeParameter('limit', itemIndex, 50)) || 50);
}
