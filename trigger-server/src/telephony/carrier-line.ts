/** Everything that asking a carrier about one of its calls takes. */
import type { UnfinishedRun } from '../runs/unfinished-runs';
import { readCredentials } from './credentials';
import { providerHost, type HostServices } from './host';
import type { CarrierCall, ProviderHost, TelephonyProvider } from './provider';
import { findProvider } from './registry';
import { findConfiguration } from './store';

export interface CarrierLine {
  provider: TelephonyProvider;
  configuration: Record<string, unknown>;
  host: ProviderHost;
  /** Null while the carrier has not said which call it is. */
  call: CarrierCall | null;
}

/** Null when the run's configuration, or its provider, is gone. */
export async function carrierLineOf(services: HostServices, run: UnfinishedRun): Promise<CarrierLine | null> {
  const provider = findProvider(run.mode);
  const row = await findConfiguration(services.storage.read, {
    organizationId: run.organization_id,
    id: run.telephony_configuration_id,
  });
  if (provider === undefined || row === undefined) return null;
  const settings = provider.configuration.safeParse(readCredentials(services, row));
  if (!settings.success) return null;
  return {
    provider,
    configuration: settings.data,
    host: providerHost(services, run.mode, run.organization_id),
    call:
      run.provider_call_id === null
        ? null
        : { runId: run.id, callId: run.provider_call_id, status: run.status },
  };
}
