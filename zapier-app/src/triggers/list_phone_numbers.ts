/** Fills the Caller ID dropdown with the numbers of the telephony configuration that is chosen beside it. */
import { defineTrigger } from 'zapier-platform-core';
import { readId } from '../lib/fields';
import { choiceFields, dropdownStep } from '../lib/step';

export const listPhoneNumbersStep = dropdownStep(async (client, { inputData }) => {
  const configurationId = readId('Telephony Configuration', inputData.telephony_configuration_id);
  if (configurationId === undefined) return [];
  const numbers = await client.listPhoneNumbers(configurationId);
  return numbers
    .filter(({ is_active: isActive }) => isActive)
    .map(({ id, address, label }) => ({ id: String(id), name: label ? `${label} (${address})` : address }));
});

export const listPhoneNumbers = defineTrigger({
  key: 'list_phone_numbers',
  noun: 'Phone Number',
  display: { label: 'List Phone Numbers', description: 'Fills the caller ID dropdown.', hidden: true },
  operation: { type: 'polling', perform: listPhoneNumbersStep, outputFields: [...choiceFields] },
});
