/** The choices of the fields Telephony Configuration and Caller ID; the second depends on the first. */
import type { TelephonyConfigurationListItem, TriggerClient } from '@dograh-trigger/shared';
import type { ILoadOptionsFunctions, INodeListSearchItems, INodeListSearchResult } from 'n8n-workflow';
import { createClient } from '../runtime/client';
import { toNodeError } from '../runtime/errors';
import { readId } from '../runtime/parameters';
import { matching } from './matching';

/** The active configurations, the default one first. */
export async function searchTelephonyConfigurations(
  this: ILoadOptionsFunctions,
  filter = '',
): Promise<INodeListSearchResult> {
  try {
    const configurations = await activeConfigurations(await createClient(this));
    return matching(
      filter,
      configurations.map(({ id, name, provider, is_default_outbound: isDefault }) => ({
        name: `${name} (${provider}${isDefault ? ', default' : ''})`,
        value: String(id),
      })),
    );
  } catch (error) {
    throw toNodeError(this.getNode(), error);
  }
}

/**
 * The active numbers of the chosen configuration, or else of the default one: Dograh refuses a caller ID that
 * belongs to another configuration.
 */
export async function searchCallerIds(
  this: ILoadOptionsFunctions,
  filter = '',
): Promise<INodeListSearchResult> {
  try {
    const client = await createClient(this);
    const chosen = readId(
      'Telephony Configuration',
      this.getCurrentNodeParameter('options.telephonyConfiguration'),
    );
    const configurationId = chosen ?? (await activeConfigurations(client))[0]?.id;
    if (configurationId === undefined) return { results: [] };
    const numbers = await client.listPhoneNumbers(configurationId);
    const choices: INodeListSearchItems[] = numbers
      .filter((number) => number.is_active)
      .map(({ id, address, label }) => ({
        name: label ? `${address} (${label})` : address,
        value: String(id),
      }));
    return matching(filter, choices);
  } catch (error) {
    throw toNodeError(this.getNode(), error);
  }
}

async function activeConfigurations(client: TriggerClient): Promise<TelephonyConfigurationListItem[]> {
  const configurations = await client.listTelephonyConfigurations();
  return configurations
    .filter(({ inactive }) => inactive !== true)
    .sort((left, right) => Number(right.is_default_outbound) - Number(left.is_default_outbound));
}
