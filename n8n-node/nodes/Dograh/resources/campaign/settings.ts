/** The options of a new campaign: when it calls, how often, how many at once, and when it stops by itself. */
import {
  campaignRetryReasons,
  fieldRefusal,
  fieldText,
  retryConfigOf,
  type CampaignOrder,
} from '@dograh-trigger/shared';
import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { defaultCountryOption } from '../../fields/default-country';
import { redialOption } from '../../fields/redial-option';
import { telephonyConfigurationOption } from '../../fields/telephony-configuration';
import { readId } from '../../runtime/parameters';

/** In the order of `day_of_week`: 0 is Monday. */
const days = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

export const campaignOptions: INodeProperties[] = [
  {
    displayName: 'Calling Hours',
    name: 'callingHours',
    placeholder: 'Add Hours',
    type: 'fixedCollection',
    typeOptions: { multipleValues: true },
    default: {},
    description: 'When the campaign places calls. Without this option it calls at any time.',
    options: [
      {
        displayName: 'Hours',
        name: 'slots',
        values: [
          {
            displayName: 'Days',
            name: 'days',
            type: 'multiOptions',
            default: [0, 1, 2, 3, 4],
            options: days.map((name, value) => ({ name, value })),
          },
          { displayName: 'From', name: 'from', type: 'string', default: '09:00', placeholder: 'e.g. 09:00' },
          {
            displayName: 'Until',
            name: 'until',
            type: 'string',
            default: '17:00',
            placeholder: 'e.g. 17:00',
          },
        ],
      },
    ],
  },
  defaultCountryOption,
  {
    displayName: 'Max Concurrency',
    name: 'maxConcurrency',
    type: 'number',
    typeOptions: { minValue: 1, maxValue: 100 },
    default: 1,
    description:
      'How many of its calls are under way at once. Without this option it is as many as the organization may have.',
  },
  {
    displayName: 'Pause on Failures',
    name: 'breaker',
    placeholder: 'Add Limit',
    type: 'fixedCollection',
    typeOptions: { multipleValues: false },
    default: { limit: {} },
    description: 'Pause the campaign when too many of its calls fail',
    options: [
      {
        displayName: 'Limit',
        name: 'limit',
        values: [
          {
            displayName: 'Failed Calls (%)',
            name: 'percent',
            type: 'number',
            typeOptions: { minValue: 0, maxValue: 100 },
            default: 50,
          },
          {
            displayName: 'Minimum Calls',
            name: 'minimumCalls',
            type: 'number',
            typeOptions: { minValue: 1, maxValue: 100 },
            default: 5,
            description: 'With fewer calls in the window it never pauses',
          },
          {
            displayName: 'Window (Seconds)',
            name: 'windowSeconds',
            type: 'number',
            typeOptions: { minValue: 30, maxValue: 600 },
            default: 120,
          },
        ],
      },
    ],
  },
  redialOption({
    description:
      'How often to call a contact who was not reached. Without this option it is as the server does it: once more after busy or no answer.',
    pause: {
      displayName: 'Pause (Minutes)',
      name: 'pauseMinutes',
      type: 'number',
      typeOptions: { minValue: 1, maxValue: 60 },
      default: 15,
      description: 'How long after the end of an attempt the next one comes',
    },
    on: campaignRetryReasons,
  }),
  telephonyConfigurationOption,
  {
    displayName: 'Time Zone',
    name: 'timeZone',
    type: 'string',
    default: '',
    placeholder: 'e.g. America/New_York',
    description: 'The clock of Calling Hours. By default it is the time zone of the workflow.',
  },
];

type Settings = Omit<CampaignOrder['settings'], 'name' | 'workflow_id'>;

/** @throws TriggerError `invalid_input`. The bounds of numbers and times are checked by the server. */
export function readSettings(context: IExecuteFunctions, itemIndex: number): Settings {
  const options = context.getNodeParameter('options', itemIndex, {});
  const timezone = fieldText(options.timeZone) || context.getTimezone();
  return {
    telephony_configuration_id: readId('Telephony Configuration', options.telephonyConfiguration),
    max_concurrency: readNumber('Max Concurrency', options.maxConcurrency),
    schedule_config: readHours(options.callingHours as { slots?: Hours[] } | undefined, timezone),
    retry_config: readRedial((options.redial as { again?: Redial } | undefined)?.again),
    circuit_breaker: readBreaker((options.breaker as { limit?: Breaker } | undefined)?.limit),
  };
}

/** @property days numbers, from 0 for Monday. */
interface Hours {
  days?: number[];
  from?: unknown;
  until?: unknown;
}

/** The option without hours would call at any time, which its user does not expect. */
function readHours(option: { slots?: Hours[] } | undefined, timezone: string): Settings['schedule_config'] {
  if (option === undefined) return undefined;
  const slots = (option.slots ?? []).flatMap(
    ({ days: chosen = [0, 1, 2, 3, 4], from = '09:00', until = '17:00' }) =>
      chosen.map((day) => ({ day_of_week: day, start_time: fieldText(from), end_time: fieldText(until) })),
  );
  if (slots.length === 0) {
    throw fieldRefusal('Calling Hours', 'add hours with one or more days, or remove the option');
  }
  return { enabled: true, timezone, slots };
}

interface Redial {
  attempts?: unknown;
  pauseMinutes?: unknown;
  on?: unknown[];
}

function readRedial(redial: Redial | undefined): Settings['retry_config'] {
  if (redial === undefined) return undefined;
  const { attempts = 3, pauseMinutes = 15, on = ['busy', 'no-answer'] } = redial;
  const most = readNumber('Attempts', attempts) ?? 1;
  if (most > 1 && !on.every((one) => campaignRetryReasons.some((reason) => reason === one))) {
    throw fieldRefusal('Redial After', `choose from ${campaignRetryReasons.join(', ')}`);
  }
  return retryConfigOf({
    attempts: most,
    pauseSeconds: Math.round((readNumber('Pause', pauseMinutes) ?? 15) * 60),
    on: campaignRetryReasons.filter((reason) => on.includes(reason)),
  });
}

interface Breaker {
  percent?: unknown;
  minimumCalls?: unknown;
  windowSeconds?: unknown;
}

function readBreaker(breaker: Breaker | undefined): Settings['circuit_breaker'] {
  if (breaker === undefined) return undefined;
  const { percent = 50, minimumCalls = 5, windowSeconds = 120 } = breaker;
  return {
    enabled: true,
    failure_threshold: (readNumber('Failed Calls', percent) ?? 50) / 100,
    min_calls_in_window: readNumber('Minimum Calls', minimumCalls),
    window_seconds: readNumber('Window', windowSeconds),
  };
}

/** @returns undefined for an empty field. @throws TriggerError `invalid_input` */
function readNumber(label: string, value: unknown): number | undefined {
  const text = fieldText(value);
  if (text === '') return undefined;
  const number = Number(text);
  if (!Number.isFinite(number)) throw fieldRefusal(label, 'enter a number');
  return number;
}
