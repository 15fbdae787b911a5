import type { INodeProperties } from 'n8n-workflow';

/** The option for the carrier account of calls. */
export const telephonyConfigurationOption: INodeProperties = {
  displayName: 'Telephony Configuration',
  name: 'telephonyConfiguration',
  type: 'resourceLocator',
  default: { mode: 'list', value: '' },
  description: 'The carrier account to call through. By default Dograh chooses the one set as default.',
  modes: [
    {
      displayName: 'From List',
      name: 'list',
      type: 'list',
      placeholder: 'Select a configuration...',
      typeOptions: { searchListMethod: 'searchTelephonyConfigurations', searchable: true },
    },
    { displayName: 'By ID', name: 'id', type: 'string', placeholder: 'e.g. 3' },
  ],
};
