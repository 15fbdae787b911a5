/** The one list of telephony providers. A new carrier is a folder under `providers/` and one entry here. */
import { telephonyConfigurationName, type JsonObject } from '@dograh-trigger/shared';
import * as z from 'zod';
import { fieldRules, isJsonObject, judgeFields, type FieldVerdict } from '../http/body/unknown-fields';
import type { TelephonyProvider } from './port/provider';
import { ari } from './providers/ari';
import { cloudonix } from './providers/cloudonix';
import { dograh } from './providers/dograh';
import { plivo } from './providers/plivo';
import { sandbox } from './providers/sandbox';
import { telnyx } from './providers/telnyx';
import { twilio } from './providers/twilio';
import { vobiz } from './providers/vobiz';
import { vonage } from './providers/vonage';

export const providers = {
  sandbox,
  twilio,
  plivo,
  vonage,
  telnyx,
  vobiz,
  cloudonix,
  ari,
  dograh,
} satisfies Record<string, TelephonyProvider>;

export type ProviderName = keyof typeof providers;

export const providerNames = Object.keys(providers) as ProviderName[];

/** The provider of a stored configuration or run; undefined when this build does not have it. */
export function findProvider(name: string): TelephonyProvider | undefined {
  return Object.entries<TelephonyProvider>(providers).find(([known]) => known === name)?.[1];
}

function requestOf(name: ProviderName) {
  return providers[name].configuration.extend({ provider: z.literal(name) });
}

const [firstName, ...otherNames] = providerNames;
if (firstName === undefined) throw new Error('The registry of telephony providers is empty');

/** `config` of a request: `provider` decides which provider's schema checks it. */
export const providerConfiguration = z.discriminatedUnion('provider', [
  requestOf(firstName),
  ...otherNames.map(requestOf),
]);
export type ProviderConfiguration = z.output<typeof providerConfiguration>;

/**
 * The names in `config` that the provider does not know. Without this check, a misspelt setting would silently keep its
 * default.
 */
export function judgeSettings({ config }: JsonObject): FieldVerdict {
  const nothing = { faults: [], ignored: [] };
  if (!isJsonObject(config) || typeof config.provider !== 'string') return nothing;
  const provider = findProvider(config.provider);
  if (provider === undefined) return nothing;
  const known = ['provider', ...Object.keys(provider.configuration.shape)];
  return judgeFields(fieldRules(known), config, 'config');
}

/** The settings of a request, before they are checked. */
export type UncheckedConfiguration = JsonObject & { provider: ProviderName };

export const createConfigurationRequest = z
  .object({
    name: telephonyConfigurationName,
    is_default_outbound: z.boolean().default(false),
    config: providerConfiguration,
  })
  .meta({
    id: 'CreateTelephonyConfigurationRequest',
    examples: [{ name: 'Second sandbox', config: { provider: 'sandbox' } }],
  });

export const updateConfigurationRequest = z
  .object({
    name: telephonyConfigurationName.nullish(),
    // The provider's schema checks it after masks were replaced by the stored secrets.
    config: z
      .object({ provider: z.enum(providerNames) })
      .catchall(z.json())
      .nullish()
      .meta({ description: 'As when it was added; a secret may be sent as its mask.' }),
  })
  .meta({ id: 'UpdateTelephonyConfigurationRequest', examples: [{ name: 'Sandbox for trials' }] });
