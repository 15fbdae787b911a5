/**
 * The lasting connections to carriers, by telephony configuration: those that this process keeps, and what other processes
 * say of theirs.
 */
import type { CarrierConnection, ConnectionFault } from './port/provider';

/** What a process says of a connection that it keeps. */
export interface ConnectionState {
  fault: ConnectionFault | null;
  /** As `CarrierConnection.lostAt`, as an ISO instant. */
  lostAt: string | null;
}

export interface CarrierConnections {
  /** Why calls cannot go out through this configuration now; null when they can, or it has no connection. */
  faultOf(configurationId: number): ConnectionFault | null;
  /** When the connection was lost, by the steady clock; null while it is there. */
  lostAtOf(configurationId: number): Date | null;
  /** Whether any connection of this process is without a fault. */
  isAnyUsable(): boolean;
  /** The connection of this configuration, if this process has one. */
  of(configurationId: number): CarrierConnection | undefined;
  /** The configurations whose connection this process has. */
  own(): number[];
  /** Replaces the connection of this configuration, if it had one. */
  keep(configurationId: number, connection: CarrierConnection): void;
  drop(configurationId: number): void;
  /** The configurations whose connection other processes keep, and those that nobody connects. Replaces the earlier ones. */
  noteOthers(states: ReadonlyMap<number, ConnectionState>): void;
  others(): number[];
  /** Cancels the calls of this process's connections that nobody has answered. @param reason in a sentence, for their runs. */
  endRinging(reason: string): void;
  closeAll(): void;
}

/** Opens and closes the connections of this process, as its leases allow. */
export interface ConnectionKeeper {
  /**
   * One round: connects what nobody else connects, connects again what has other settings now, and closes what is gone or
   * has passed to another process. Rounds that are requested together run one after the other. A connection whose lease
   * is not renewed in time is closed: another process may have opened it.
   */
  keep(): Promise<void>;
  /**
   * Offers the connections to other processes. Each stays open until another process opens it, so that no event is lost.
   * This process takes no connection any more.
   */
  handOver(): Promise<void>;
  close(): Promise<void>;
}

export function createConnections(): CarrierConnections {
  const open = new Map<number, CarrierConnection>();
  let others: ReadonlyMap<number, ConnectionState> = new Map();
  const drop = (configurationId: number) => {
    open.get(configurationId)?.close();
    open.delete(configurationId);
  };
  return {
    faultOf(configurationId) {
      const own = open.get(configurationId);
      return own === undefined ? (others.get(configurationId)?.fault ?? null) : own.fault();
    },
    lostAtOf(configurationId) {
      const own = open.get(configurationId);
      if (own !== undefined) return own.lostAt?.() ?? null;
      const lostAt = others.get(configurationId)?.lostAt ?? null;
      return lostAt === null ? null : new Date(lostAt);
    },
    isAnyUsable: () => [...open.values()].some((connection) => connection.fault() === null),
    of: (configurationId) => open.get(configurationId),
    own: () => [...open.keys()],
    keep(configurationId, connection) {
      drop(configurationId);
      open.set(configurationId, connection);
    },
    drop,
    noteOthers(states) {
      others = states;
    },
    others: () => [...others.keys()],
    endRinging(reason) {
      for (const connection of open.values()) connection.endRinging?.(reason);
    },
    closeAll() {
      for (const configurationId of [...open.keys()]) drop(configurationId);
    },
  };
}
