/** The resource Call: its operations as the editor lists them, and the function behind each. */
import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { getCall, getDescription } from './get';
import { placeCall, placeDescription } from './place';

export const callDescription: INodeProperties[] = [
  {
    displayName: 'Operation',
    name: 'operation',
    type: 'options',
    noDataExpression: true,
    default: 'place',
    displayOptions: { show: { resource: ['call'] } },
    options: [
      {
        name: 'Get',
        value: 'get',
        action: 'Get a call',
        description: 'Read what became of a call',
      },
      {
        name: 'Place',
        value: 'place',
        action: 'Place a call',
        description:
          'Let a voice agent call a phone number. A real, billable call that repeats if it is run again.',
      },
    ],
  },
  ...placeDescription,
  ...getDescription,
];

/** Runs one item and gives the JSON of its output. */
export type Operation = (context: IExecuteFunctions, itemIndex: number) => Promise<IDataObject>;

export const callOperations: ReadonlyMap<string, Operation> = new Map([
  ['get', getCall],
  ['place', placeCall],
]);
