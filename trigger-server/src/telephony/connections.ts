/** Persistent connections to carriers that report by events: one per configuration of such a provider. */
import { describeError } from '../describe-error';
import type { Services } from '../services';
import { openAccount } from './open-account';
import type { CarrierServices } from './tools';
import { findProvider } from '../carriers/registry';
import type { Worker } from '../workers/worker';
import { listConnectable, type ConfigurationRow } from './store';

type Needs = CarrierServices & Pick<Services, 'connections'>;

/**
 * Connects a configuration, if its provider keeps a connection and this process is one that opens them. Called at the
 * start, and after the configuration was saved.
 */
export function connect(
  services: Needs,
  row: Pick<ConfigurationRow, 'id' | 'organization_id' | 'name' | 'provider' | 'credentials'>,
): void {
  if (services.config.role === 'api' || findProvider(row.provider)?.connect === undefined) return;
  const account = openAccount(services, row);
  if (typeof account === 'string' || account.provider.connect === undefined) {
    services.log.error({ configurationId: row.id }, 'stored telephony settings do not fit their provider');
    return;
  }
  const reports = services.callReports(row.provider);
  const connection = account.provider.connect(row.id, account.configuration, account.tools, reports);
  services.connections.keep(row.id, connection);
}

/** Opens all connections at the start and closes them at the end. The readiness of a configuration shows its state. */
export function carrierConnections(services: Needs): Worker {
  return {
    name: 'connections',
    role: 'worker',
    async start() {
      await connectAll(services);
      return {
        health: () => null,
        stop() {
          services.connections.closeAll();
          return Promise.resolve();
        },
      };
    },
  };
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
