/** The lasting connections to carriers that report by events: one for each configuration of such a provider. */
import { describeError } from '../describe-error';
import type { Services } from '../services';
import { readCredentials } from './credentials';
import { providerHost, type HostServices } from './host';
import { findProvider } from './registry';
import { listConnectable, type ConfigurationRow } from './store';

type Needs = HostServices & Pick<Services, 'connections'>;

/** At start, and after a configuration was saved: connects it anew, where its provider keeps a connection. */
export function connect(
  services: Needs,
  row: Pick<ConfigurationRow, 'id' | 'organization_id' | 'name' | 'provider' | 'credentials'>,
): void {
  const provider = findProvider(row.provider);
  if (provider?.connect === undefined) return;
  const settings = provider.configuration.safeParse(readCredentials(services, row));
  if (!settings.success) {
    services.log.error({ configurationId: row.id }, 'stored telephony settings do not fit their provider');
    return;
  }
  const host = providerHost(services, row.provider, row.organization_id);
  services.connections.keep(row.id, provider.connect(row.id, settings.data, host));
}

/** Connects every active configuration. One that cannot be read keeps the others from nothing. */
export async function connectAll(services: Needs): Promise<void> {
  for (const row of await listConnectable(services.storage.read)) {
    try {
      connect(services, row);
    } catch (error) {
      services.log.error(
        { configurationId: row.id, error: describeError(error) },
        'a telephony configuration could not be connected',
      );
    }
  }
}
