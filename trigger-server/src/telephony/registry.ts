/** The one list of telephony providers. A new carrier is a folder under `providers/` and a line here. */
import { telephonyConfigurationName } from '@dograh-trigger/shared';
import * as z from 'zod';
import type { TelephonyProvider } from './provider';
import { sandbox } from './providers/sandbox';

export const providers = { sandbox } satisfies Record<string, TelephonyProvider>;

export type ProviderName = keyof typeof providers;

export const providerNames = Object.keys(providers) as ProviderName[];

/** The provider of a stored configuration or run; undefined when this build does not have it (any more). */
export function findProvider(name: string): TelephonyProvider | undefined {
  return Object.entries<TelephonyProvider>(providers).find(([known]) => known === name)?.[1];
}

function requestOf(name: ProviderName) {
  return providers[name].configuration.extend({ provider: z.literal(name) });
}

const [firstName, ...otherNames] = providerNames;
if (firstName === undefined) throw new Error('The registry of telephony providers is empty');

/** `config` of a request: told apart by `provider`, each checked by its provider's own schema. */
export const providerConfiguration = z.discriminatedUnion('provider', [
  requestOf(firstName),
  ...otherNames.map(requestOf),
]);
export type ProviderConfiguration = z.output<typeof providerConfiguration>;

export const createConfigurationRequest = z
  .object({
    name: telephonyConfigurationName,
    is_default_outbound: z.boolean().default(false),
    config: providerConfiguration,
  })
  .meta({ id: 'CreateTelephonyConfigurationRequest' });

export const updateConfigurationRequest = z
  .object({ name: telephonyConfigurationName.nullish(), config: providerConfiguration.nullish() })
  .meta({ id: 'UpdateTelephonyConfigurationRequest' });
