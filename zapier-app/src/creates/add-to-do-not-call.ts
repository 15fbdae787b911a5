/** Adds a number to the do-not-call list. */
import { fieldText } from '@dograh-trigger/shared';
import { defineCreate, defineInputFields, type Bundle, type InferInputData } from 'zapier-platform-core';
import { doNotCallOutputFields, doNotCallRecord, insteadOfList } from '../call/do-not-call';
import { defaultCountryField, readPhoneNumber } from '../call/phone-number';
import { serverNote } from '../platform/server-note';
import { step } from '../platform/step';
import sample from '../samples/do-not-call.json';

const inputFields = defineInputFields([
  {
    key: 'phone_number',
    label: 'Phone Number',
    type: 'string',
    required: true,
    placeholder: '+14155550100',
    helpText:
      'The number that is never called again, such as `+14155550100`. Its waiting calls are canceled. Only a person who is ' +
      'signed in to the server can remove it.',
  },
  defaultCountryField,
  {
    key: 'reason',
    label: 'Reason',
    type: 'string',
    required: false,
    helpText: 'Why the number must not be called, such as `Asked by e-mail`.',
  },
  {
    key: 'until',
    label: 'Until',
    type: 'datetime',
    required: false,
    helpText: 'From then on the number may be called again. Leave it empty for never.',
  },
]);

export const addToDoNotCallStep = step(
  async (client, { inputData }: Bundle<InferInputData<typeof inputFields>>) =>
    doNotCallRecord(
      await client.addToDoNotCall(readPhoneNumber(inputData), {
        source: 'zapier',
        reason: fieldText(inputData.reason) || null,
        until: fieldText(inputData.until) || null,
      }),
    ),
);

export const addToDoNotCall = defineCreate({
  key: 'add_to_do_not_call',
  noun: 'Number',
  display: {
    label: 'Add Number to Do-Not-Call List',
    description: 'Adds a number to the list of those that are never called.',
  },
  operation: {
    perform: addToDoNotCallStep,
    inputFields: [serverNote(['do-not-call'], insteadOfList), ...inputFields],
    sample,
    outputFields: [...doNotCallOutputFields],
  },
});
