/** Finds a number on the do-not-call list. */
import { defineInputFields, defineSearch, type Bundle, type InferInputData } from 'zapier-platform-core';
import { doNotCallOutputFields, doNotCallRecord } from '../call/do-not-call';
import { defaultCountryField, readPhoneNumber } from '../call/phone-number';
import { step } from '../platform/step';
import sample from '../samples/do-not-call.json';

const inputFields = defineInputFields([
  {
    key: 'phone_number',
    label: 'Phone Number',
    type: 'string',
    required: true,
    placeholder: '+14155550100',
    helpText: 'The number to look for, such as `+14155550100`.',
  },
  defaultCountryField,
]);

/** For Zapier a search without a match is a result: the number may be called. */
export const checkDoNotCallStep = step(
  async (client, { inputData }: Bundle<InferInputData<typeof inputFields>>) => {
    const entry = await client.findDoNotCall(readPhoneNumber(inputData));
    return entry?.is_active === true ? [doNotCallRecord(entry)] : [];
  },
);

export const checkDoNotCall = defineSearch({
  key: 'check_do_not_call',
  noun: 'Number',
  display: {
    label: 'Check Do-Not-Call List',
    description: 'Finds a number on the list of those that must not be called.',
  },
  operation: { perform: checkDoNotCallStep, inputFields, sample, outputFields: [...doNotCallOutputFields] },
});
