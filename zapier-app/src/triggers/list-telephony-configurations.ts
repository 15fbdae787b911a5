/** Fills the Telephony Configuration dropdown. */
import { defineTrigger } from 'zapier-platform-core';
import { choiceFields, dropdownStep } from '../platform/step';

export const listTelephonyConfigurationsStep = dropdownStep(async (client) => {
  const configurations = await client.listTelephonyConfigurations();
  return configurations
    .filter(({ inactive }) => inactive !== true)
    .map(({ id, name }) => ({ id: String(id), name }));
});

export const listTelephonyConfigurations = defineTrigger({
  key: 'list_telephony_configurations',
  noun: 'Telephony Configuration',
  display: {
    label: 'List Telephony Configurations',
    description: 'Fills the telephony configuration dropdown.',
    hidden: true,
  },
  operation: { type: 'polling', perform: listTelephonyConfigurationsStep, outputFields: [...choiceFields] },
});
