/** A carrier account that can be used: the one way there from its stored row. */
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
  /** As the provider's schema reads it. */
  configuration: Record<string, unknown>;
  tools: CarrierTools;
}

/** Why an account cannot be opened: this build lacks its provider, or its stored settings do not fit it. */
export type Unopenable = 'no_provider' | 'unfit_settings';

/**
 * @throws Problem unavailable when they were stored under another `SECRETS_KEY`.
 */
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

/** The account of a run. @returns null where it was deleted or cannot be opened. @throws Problem as {@link openAccount}. */
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
