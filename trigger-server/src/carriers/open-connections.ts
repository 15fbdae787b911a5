/** The lasting connections that are open, by telephony configuration. */
import type { CarrierConnection, ConnectionFault } from './port/provider';

export interface CarrierConnections {
  /** Why calls cannot go out through this configuration now; null when they can, or it has no connection. */
  faultOf(configurationId: number): ConnectionFault | null;
  /** Whether any connection is without a fault. */
  isAnyUsable(): boolean;
  /** The connection of this configuration, if this process has one. */
  of(configurationId: number): CarrierConnection | undefined;
  /** Replaces the connection of this configuration, if it had one. */
  keep(configurationId: number, connection: CarrierConnection): void;
  drop(configurationId: number): void;
  /** Cancels the calls of all connections that nobody has answered. @param reason in a sentence, for their runs. */
  endRinging(reason: string): void;
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
    isAnyUsable: () => [...open.values()].some((connection) => connection.fault() === null),
    of: (configurationId) => open.get(configurationId),
    keep(configurationId, connection) {
      drop(configurationId);
      open.set(configurationId, connection);
    },
    drop,
    endRinging(reason) {
      for (const connection of open.values()) connection.endRinging?.(reason);
    },
    closeAll() {
      for (const configurationId of [...open.keys()]) drop(configurationId);
    },
  };
}
