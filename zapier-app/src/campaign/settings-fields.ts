/** The input fields for how and when a campaign calls. */
import {
  campaignRetryReasons,
  fieldRefusal,
  fieldText,
  retryConfigOf,
  type CreateCampaignRequest,
} from '@dograh-trigger/shared';
import { defineInputFields, type InferInputData } from 'zapier-platform-core';
import { readId } from '../platform/fields';

const endings = { busy: 'Busy', 'no-answer': 'No answer', voicemail: 'Voicemail' };

/** By Dograh's numbers of them. */
const days = {
  '0': 'Monday',
  '1': 'Tuesday',
  '2': 'Wednesday',
  '3': 'Thursday',
  '4': 'Friday',
  '5': 'Saturday',
  '6': 'Sunday',
};

export const settingsFields = defineInputFields([
  {
    key: 'telephony_configuration_id',
    label: 'Telephony Configuration',
    type: 'integer',
    required: false,
    dynamic: 'list_telephony_configurations.id.name',
    helpText: 'The carrier account to call through. Leave it empty for the default one.',
  },
  {
    key: 'calls_at_once',
    label: 'Calls at Once',
    type: 'integer',
    required: false,
    helpText:
      'How many of its calls are in progress at the same time, 1 to 100. Leave it empty for as many as the organization may have.',
  },
  {
    key: 'days',
    label: 'Days',
    type: 'string',
    list: true,
    required: false,
    group: 'hours',
    choices: days,
    helpText: 'The days on which it calls. Leave them empty, with From and Until, to call at any time.',
  },
  {
    key: 'from',
    label: 'From',
    type: 'string',
    required: false,
    group: 'hours',
    placeholder: '09:00',
    helpText: 'When it begins to call on these days, such as `09:00`.',
  },
  {
    key: 'until',
    label: 'Until',
    type: 'string',
    required: false,
    group: 'hours',
    placeholder: '17:30',
    helpText: 'The first minute without calls, such as `17:30`.',
  },
  {
    key: 'time_zone',
    label: 'Time Zone',
    type: 'string',
    required: false,
    group: 'hours',
    placeholder: 'America/New_York',
    helpText: 'The time zone of these times, such as `America/New_York`. Leave it empty for UTC.',
  },
  {
    key: 'redial_attempts',
    label: 'Attempts',
    type: 'integer',
    required: false,
    group: 'redial',
    helpText:
      'How often each contact is called at most, with the first time: 1 to 10. Empty: a second time after busy or no answer.',
  },
  {
    key: 'redial_after',
    label: 'Redial After',
    type: 'string',
    list: true,
    required: false,
    group: 'redial',
    choices: endings,
    helpText:
      'How a call must end so that another one follows. Empty: *Busy* and *No answer*. Only with Attempts.',
  },
  {
    key: 'redial_pause',
    label: 'Pause (Minutes)',
    type: 'integer',
    required: false,
    group: 'redial',
    helpText:
      'How long after the end of a call the next one comes: 1 to 60 minutes. Empty: 2. Only with Attempts.',
  },
]);

export const settingsGroups = [
  { key: 'hours', label: 'Calling Hours' },
  { key: 'redial', label: 'Redial' },
];

export type SettingsInput = InferInputData<typeof settingsFields>;
type Settings = Pick<
  CreateCampaignRequest,
  'telephony_configuration_id' | 'max_concurrency' | 'retry_config' | 'schedule_config'
>;

/** @throws TriggerError `invalid_input` */
export function readSettings(input: SettingsInput): Settings {
  return {
    telephony_configuration_id: readId('Telephony Configuration', input.telephony_configuration_id),
    max_concurrency: readWholeNumber('Calls at Once', input.calls_at_once, 1, 100),
    retry_config: readRetry(input),
    schedule_config: readHours(input),
  };
}

function readHours({
  days: chosen,
  from,
  until,
  time_zone: zone,
}: SettingsInput): Settings['schedule_config'] | undefined {
  const numbers = wordsOf(chosen);
  const [start, end, timezone] = [fieldText(from), fieldText(until), fieldText(zone)];
  if (numbers.length === 0 && start === '' && end === '' && timezone === '') return undefined;
  if (numbers.length === 0 || !numbers.every((number) => Object.hasOwn(days, number))) {
    throw fieldRefusal(
      'Days',
      'choose the days of these hours; a mapped value is 0 for Monday to 6 for Sunday',
    );
  }
  return {
    timezone: timezone || undefined,
    slots: numbers.map((number) => ({
      day_of_week: Number(number),
      start_time: readTime('From', start),
      end_time: readTime('Until', end),
    })),
  };
}

function readTime(label: string, text: string): string {
  const [, hour = '', minutes = ''] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  if (hour === '') throw fieldRefusal(label, 'enter a time from 00:00 to 23:59, such as 09:00');
  return `${hour.padStart(2, '0')}:${minutes}`;
}

function readRetry(input: SettingsInput): Settings['retry_config'] | undefined {
  const attempts = readWholeNumber('Attempts', input.redial_attempts, 1, 10);
  const after = wordsOf(input.redial_after);
  const minutes = readWholeNumber('Pause (Minutes)', input.redial_pause, 1, 60);
  if (attempts === undefined) {
    if (after.length === 0 && minutes === undefined) return undefined;
    throw fieldRefusal('Attempts', 'enter how often each contact is called at most, 1 to 10');
  }
  if (!after.every((word) => Object.hasOwn(endings, word))) {
    throw fieldRefusal('Redial After', `choose one or more of ${Object.keys(endings).join(', ')}`);
  }
  return retryConfigOf({
    attempts,
    pauseSeconds: (minutes ?? 2) * 60,
    on: campaignRetryReasons.filter((reason) =>
      after.length === 0 ? reason !== 'voicemail' : after.includes(reason),
    ),
  });
}

/** @returns undefined for an empty field. */
function readWholeNumber(label: string, value: unknown, least: number, most: number): number | undefined {
  const text = fieldText(value);
  if (text === '') return undefined;
  const number = Number(text);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw fieldRefusal(label, `enter a whole number from ${String(least)} to ${String(most)}`);
}

/** The chosen words of a field with several. */
function wordsOf(value: readonly string[] | undefined): string[] {
  return (value ?? []).map(fieldText).filter((word) => word !== '');
}
