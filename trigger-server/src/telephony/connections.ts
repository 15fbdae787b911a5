/** The lasting connections to carriers that report by events: one for each configuration of such a provider. */
import type { Services } from '../services';
import { readCredentials } from './credentials';
import { providerHost } from './host';
import type { CarrierConnection } from './provider';
import { findProvider } from './registry';
import { listConnectable, type ConfigurationRow } from './store';

export interface CarrierConnections {
  /** Why calls cannot go out through this configuration now; null when they can, or it has no connection. */
  faultOf(configurationId: number): string | null;
  /** Replaces the connection of this configuration, if it had one. */
  keep(configurationId: number, connection: CarrierConnection): void;
  drop(configurationId: number): void;
  closeAll(): void;
}

export function createConnections(): CarrierConnections {
  const open = new Map<number, CarrierConnection>();
  const drop = (configurationId: number) => {
    open.get(configurationId)?.close();
    open.delete(configurationId);
  };
  return {
    faultOf: (configurationId) => open.get(configurationId)?.fault() ?? null,
    keep(configurationId, connection) {
      drop(configurationId);
      open.set(configurationId, connection);
    },
    drop,
    closeAll() {
      for (const configurationId of [...open.keys()]) drop(configurationId);
    },
  };
}

/** At start, and after a configuration was saved: connects it anew, where its provider keeps a connection. */
export function connect(
  services: Services,
  row: Pick<ConfigurationRow, 'id' | 'name' | 'provider' | 'credentials'>,
): void {
  const provider = findProvider(row.provider);
  if (provider?.connect === undefined) return;
  const settings = provider.configuration.safeParse(readCredentials(services, row));
  if (!settings.success) {
    services.log.error({ configurationId: row.id }, 'stored telephony settings do not fit their provider');
    return;
  }
  const host = providerHost(services, row.provider);
  services.connections.keep(row.id, provider.connect(row.id, settings.data, host));
}

/** Connects every active configuration. One that cannot be read keeps the others from nothing. */
export async function connectAll(services: Services): Promise<void> {
  for (const row of await listConnectable(services.storage.read)) {
    try {
      connect(services, row);
    } catch (error) {
      services.log.error(
        { configurationId: row.id, error: error instanceof Error ? error.message : 'unknown' },
        'a telephony configuration could not be connected',
      );
    }
  }
}
