/** Opens a carrier account from its stored row. Every use of an account goes through here. */
import type { TelephonyProvider } from '../carriers/port/provider';
import type { CarrierTools } from '../carriers/port/tools';
import { findProvider } from '../carriers/registry';
import type { Services } from '../services';
import { readCredentials } from './credentials';
import { findConfiguration, type ConfigurationRow } from './store';
import { carrierTools } from './tools';

type Needs = Pick<Services, 'config' | 'clock' | 'secrets' | 'carrier' | 'log'>;

export interface CarrierAccount {
  provider: TelephonyProvider;
  /** The settings, parsed by the provider's schema. */
  configuration: Record<string, unknown>;
  tools: CarrierTools;
}

/** Why an account cannot be opened: this version lacks its provider, or the stored settings do not fit it. */
export type Unopenable = 'no_provider' | 'unfit_settings';

/** @throws Problem unavailable when the settings were saved with another `SECRETS_KEY`. */
export function openAccount(
  services: Needs,
  row: Pick<ConfigurationRow, 'id' | 'organization_id' | 'name' | 'provider' | 'credentials'>,
): CarrierAccount | Unopenable {
  const provider = findProvider(row.provider);
  if (provider === undefined) return 'no_provider';
  const settings = provider.configuration.safeParse(readCredentials(services, row));
  if (!settings.success) return 'unfit_settings';
  const tools = carrierTools(services, row.provider, row.organization_id);
  return { provider, configuration: settings.data, tools };
}

/**
 * The account of a run. @returns null when it was deleted or cannot be opened. @throws Problem as {@link openAccount}.
 */
export async function openAccountOfRun(
  services: Needs & Pick<Services, 'storage'>,
  run: { organization_id: number; telephony_configuration_id: number },
): Promise<CarrierAccount | null> {
  const row = await findConfiguration(services.storage.read, {
    organizationId: run.organization_id,
    id: run.telephony_configuration_id,
  });
  const account = row === undefined ? null : openAccount(services, row);
  return typeof account === 'string' ? null : account;
}
