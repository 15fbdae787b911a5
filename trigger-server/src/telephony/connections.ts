/** Persistent connections to carriers that report by events: one per configuration of such a provider. */
import { describeError } from '../describe-error';
import type { Services } from '../services';
import { openAccount } from './open-account';
import type { CarrierServices } from './tools';
import { findProvider } from '../carriers/registry';
import { listConnectable, type ConfigurationRow } from './store';

type Needs = CarrierServices & Pick<Services, 'connections'>;

/**
 * Connects a configuration, if its provider keeps a connection. Called at the start, and after the configuration was
 * saved.
 */
export function connect(
  services: Needs,
  row: Pick<ConfigurationRow, 'id' | 'organization_id' | 'name' | 'provider' | 'credentials'>,
): void {
  if (findProvider(row.provider)?.connect === undefined) return;
  const account = openAccount(services, row);
  if (typeof account === 'string' || account.provider.connect === undefined) {
    services.log.error({ configurationId: row.id }, 'stored telephony settings do not fit their provider');
    return;
  }
  const reports = services.callReports(row.provider);
  const connection = account.provider.connect(row.id, account.configuration, account.tools, reports);
  services.connections.keep(row.id, connection);
}

/** Connects every active configuration. A failure of one does not affect the others. */
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
