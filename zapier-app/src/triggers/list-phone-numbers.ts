/** Fills the Caller ID dropdown with the numbers of the chosen telephony configuration, or of the default one. */
import type { TriggerClient } from '@dograh-trigger/shared';
import { defineTrigger } from 'zapier-platform-core';
import { readId } from '../platform/fields';
import { choiceFields, dropdownStep } from '../platform/step';

export const listPhoneNumbersStep = dropdownStep(async (client, { inputData }) => {
  const configurationId =
    readId('Telephony Configuration', inputData.telephony_configuration_id) ?? (await defaultId(client));
  if (configurationId === undefined) return [];
  const numbers = await client.listPhoneNumbers(configurationId);
  return numbers
    .filter(({ is_active: isActive }) => isActive)
    .map(({ id, address, label }) => ({ id: String(id), name: label ? `${label} (${address})` : address }));
});

async function defaultId(client: TriggerClient): Promise<number | undefined> {
  const configurations = await client.listTelephonyConfigurations();
  return configurations.find((configuration) => configuration.is_default_outbound)?.id;
}

export const listPhoneNumbers = defineTrigger({
  key: 'list_phone_numbers',
  noun: 'Phone Number',
  display: { label: 'List Phone Numbers', description: 'Fills the caller ID dropdown.', hidden: true },
  operation: { type: 'polling', perform: listPhoneNumbersStep, outputFields: [...choiceFields] },
});
