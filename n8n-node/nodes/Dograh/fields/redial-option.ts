/** The option Redial, of a call and of a campaign: how often, after which pause, and after which ends to call again. */
import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

const reasons: INodePropertyOptions[] = [
  { name: 'Busy', value: 'busy' },
  { name: 'No Answer', value: 'no-answer' },
  { name: 'Unreachable', value: 'unreachable', description: 'The network found no way to it' },
  { name: 'Voicemail', value: 'voicemail', description: 'A machine answered' },
];

/** @property pause its field. @property on the ends that may be chosen. */
interface RedialOption {
  description: string;
  pause: INodeProperties;
  on: readonly string[];
}

export function redialOption({ description, pause, on }: RedialOption): INodeProperties {
  return {
    displayName: 'Redial',
    name: 'redial',
    placeholder: 'Add Redial',
    type: 'fixedCollection',
    typeOptions: { multipleValues: false },
    default: { again: {} },
    description,
    options: [
      {
        displayName: 'Redial',
        name: 'again',
        values: [
          {
            displayName: 'Attempts',
            name: 'attempts',
            type: 'number',
            typeOptions: { minValue: 1, maxValue: 10 },
            default: 3,
            description: 'How often to call at most, with the first time',
          },
          pause,
          {
            displayName: 'Redial After',
            name: 'on',
            type: 'multiOptions',
            default: ['busy', 'no-answer'],
            options: reasons.filter(({ value }) => on.includes(String(value))),
          },
        ],
      },
    ],
  };
}
