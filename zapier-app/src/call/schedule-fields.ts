/** The input fields for when a call is placed, again too, and for the caller's own name of it. */
import {
  fieldRefusal,
  fieldText,
  readRedialFields,
  readWaitingField,
  type CallRequest,
} from '@dograh-trigger/shared';
import { defineInputFields, type InferInputData } from 'zapier-platform-core';

const needsServer = 'It needs a Dograh Trigger server; on any other the step stops and calls nobody.';

export const scheduleFields = defineInputFields([
  {
    key: 'not_before',
    label: 'Not Before',
    type: 'datetime',
    required: false,
    group: 'schedule',
    helpText: `Calls at this time or later. Leave it empty to call now. ${needsServer}`,
  },
  {
    key: 'not_after',
    label: 'Not After',
    type: 'datetime',
    required: false,
    group: 'schedule',
    helpText: `A call that was not placed by then ends with the status \`expired\`. Leave it empty for no limit. ${needsServer}`,
  },
  {
    key: 'when_busy',
    label: 'When Busy',
    type: 'string',
    required: false,
    group: 'schedule',
    choices: { refuse: 'Try the step again later', wait: 'Let the call wait at the server' },
    helpText: `What to do when all call slots of the organization are taken. Empty: the step is tried again. ${needsServer}`,
  },
  {
    key: 'outside_hours',
    label: 'Outside Hours',
    type: 'string',
    required: false,
    group: 'schedule',
    choices: { refuse: 'Stop and call nobody', wait: 'Let the call wait at the server' },
    helpText: `What to do outside the calling hours of the organization. Empty: the step stops. ${needsServer}`,
  },
  {
    key: 'time_zone',
    label: 'Time Zone',
    type: 'string',
    required: false,
    group: 'schedule',
    placeholder: 'America/New_York',
    helpText: `Where the person called lives, such as \`America/New_York\`, for the calling hours. Empty: it is found by the number. ${needsServer}`,
  },
  {
    key: 'redial_attempts',
    label: 'Attempts',
    type: 'integer',
    required: false,
    group: 'redial',
    helpText: `How often to call at most, with the first time: 1 to 10. Empty: once. All attempts are one call with one result. ${needsServer}`,
  },
  {
    key: 'redial_after',
    label: 'Redial After',
    type: 'string',
    list: true,
    required: false,
    group: 'redial',
    choices: {
      busy: 'Busy',
      'no-answer': 'No answer',
      unreachable: 'Unreachable',
      voicemail: 'Voicemail',
    },
    helpText: 'How an attempt must end so that another one follows. Only with Attempts above 1.',
  },
  {
    key: 'redial_pauses',
    label: 'Pauses (Minutes)',
    type: 'string',
    required: false,
    group: 'redial',
    placeholder: '15, 120',
    helpText:
      'How long after the end of an attempt the next one comes: the first pause, the second and so on, such as `15, 120`. ' +
      'The last one repeats. Only with Attempts above 1.',
  },
  {
    key: 'reference',
    label: 'Reference',
    type: 'string',
    required: false,
    helpText: `Your own name of the call, which its results have. It does not prevent a second call, as Call Reference does. ${needsServer}`,
  },
]);

export const scheduleGroups = [
  { key: 'schedule', label: 'Schedule' },
  { key: 'redial', label: 'Redial' },
];

type ScheduleInput = InferInputData<typeof scheduleFields>;

/**
 * Zapier turns what is entered in a date field into ISO 8601 with the offset of the Zap's time zone. The server refuses
 * anything else.
 *
 * @throws TriggerError `invalid_input`
 */
export function readSchedule(input: ScheduleInput) {
  return {
    notBefore: fieldText(input.not_before) || undefined,
    notAfter: fieldText(input.not_after) || undefined,
    whenBusy: readWaitingField('When Busy', input.when_busy),
    outsideHours: readWaitingField('Outside Hours', input.outside_hours),
    timeZone: fieldText(input.time_zone) || undefined,
    retry: readRedialFields({
      attempts: input.redial_attempts,
      on: input.redial_after,
      pauses: input.redial_pauses,
    }),
    reference: fieldText(input.reference) || undefined,
  };
}

/** Zapier keeps a waiting step this long. */
const longestWaitDays = 30;

/** @throws TriggerError `invalid_input` for a call that would begin when Zapier does not wait any more. */
export function refuseLaterStart({ notBefore }: Pick<CallRequest, 'notBefore'>, now: Date): void {
  const longest = longestWaitDays * 24 * 3600 * 1000;
  if (notBefore === undefined || !(Date.parse(notBefore) > now.getTime() + longest)) return;
  throw fieldRefusal(
    'Not Before',
    `Zapier waits ${longestWaitDays} days at most; use Start Call instead, and another Zap that begins with Call Completed`,
  );
}
