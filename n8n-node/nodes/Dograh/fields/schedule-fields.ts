/** The options Schedule, Redial and Reference: when a call is placed, again too, and the caller's own name of it. */
import {
  fieldRefusal,
  fieldText,
  readRedialFields,
  readWaitingField,
  retryConditions,
  type CallRequest,
} from '@dograh-trigger/shared';
import type { IExecuteFunctions, INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { readDate } from '../runtime/parameters';
import { redialOption } from './redial-option';

const waitOrRefuse = (wait: string): INodePropertyOptions[] => [
  { name: 'Refuse', value: 'refuse', description: 'The item fails, and nobody is called' },
  { name: 'Wait', value: 'wait', description: wait },
];

export const scheduleOptions: INodeProperties[] = [
  redialOption({
    description:
      'Place the call again when it reached nobody. All attempts are one call with one result (needs a Dograh Trigger server).',
    pause: {
      displayName: 'Pauses (Minutes)',
      name: 'pauses',
      type: 'string',
      default: '15, 120',
      placeholder: 'e.g. 15, 120',
      description:
        'How long after the end of an attempt the next one comes: the first pause, the second and so on. The last one repeats.',
    },
    on: retryConditions,
  }),
  {
    displayName: 'Reference',
    name: 'reference',
    type: 'string',
    default: '',
    placeholder: 'e.g. {{ $json.order_id }}',
    description:
      'Your own name of the call, which its results have. It does not prevent a second call, as Call Reference does (needs a Dograh Trigger server).',
  },
  {
    displayName: 'Schedule',
    name: 'schedule',
    placeholder: 'Add Schedule',
    type: 'fixedCollection',
    typeOptions: { multipleValues: false },
    default: { when: {} },
    description:
      'When the call may be placed. A call that cannot be placed now has the status queued (needs a Dograh Trigger server).',
    options: [
      {
        displayName: 'Schedule',
        name: 'when',
        values: [
          {
            displayName: 'Not After',
            name: 'notAfter',
            type: 'dateTime',
            default: '',
            description: 'A call that was not placed by then ends as expired. Leave it empty for no limit.',
          },
          {
            displayName: 'Not Before',
            name: 'notBefore',
            type: 'dateTime',
            default: '',
            description: 'Leave it empty to call now',
          },
          {
            displayName: 'Outside Hours',
            name: 'outsideHours',
            type: 'options',
            default: 'wait',
            description: 'What to do outside the calling hours of the organization',
            options: waitOrRefuse('The call waits at the server for the calling hours'),
          },
          {
            displayName: 'Time Zone',
            name: 'timeZone',
            type: 'string',
            default: '',
            placeholder: 'e.g. America/New_York',
            description:
              'Where the person called lives, for the calling hours. Leave it empty to go by the number.',
          },
          {
            displayName: 'When Busy',
            name: 'whenBusy',
            type: 'options',
            default: 'wait',
            description: 'What to do when all call slots of the organization are taken',
            options: waitOrRefuse('The call waits at the server for a free slot'),
          },
        ],
      },
    ],
  },
];

/** What the options say. */
type ScheduledCall = Pick<
  CallRequest,
  'retry' | 'notBefore' | 'notAfter' | 'whenBusy' | 'outsideHours' | 'timeZone' | 'reference'
>;

/** @throws TriggerError `invalid_input` */
export function readSchedule(context: IExecuteFunctions, itemIndex: number): ScheduledCall {
  const { reference } = context.getNodeParameter('options', itemIndex, {});
  const when = context.getNodeParameter('options.schedule.when', itemIndex, {}) as Record<string, unknown>;
  const again = context.getNodeParameter('options.redial.again', itemIndex, {}) as Record<string, unknown>;
  const zone = context.getTimezone();
  return {
    retry: readRedialFields({ attempts: again.attempts, on: again.on, pauses: again.pauses }),
    reference: fieldText(reference) || undefined,
    notBefore: readDate('Not Before', when.notBefore, zone)?.toISOString(),
    notAfter: readDate('Not After', when.notAfter, zone)?.toISOString(),
    whenBusy: readWaitingField('When Busy', when.whenBusy),
    outsideHours: readWaitingField('Outside Hours', when.outsideHours),
    timeZone: fieldText(when.timeZone) || undefined,
  };
}

/** @throws TriggerError `invalid_input` for a call that would begin when nobody waits for its result any more. */
export function refuseLaterStart(notBefore: string | undefined, longestWaitSeconds: number): void {
  if (notBefore === undefined || Date.parse(notBefore) <= Date.now() + longestWaitSeconds * 1000) return;
  throw fieldRefusal(
    'Not Before',
    'the call would begin after Max Wait is over; raise Max Wait, or use Place and start another workflow with a Dograh trigger',
  );
}
