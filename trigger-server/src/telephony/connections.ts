/**
 * Persistent connections to carriers that report by events: one per configuration of such a provider, in one process of
 * the database. A lease decides which one. When its process is gone, another one connects, and follows the calls up.
 */
import type { ConnectionKeeper, ConnectionState } from '../carriers/open-connections';
import { describeError } from '../describe-error';
import { every } from '../every';
import type { Services } from '../services';
import { leasesOfOthers, releaseLease, takeLease } from '../workers/leases';
import type { Worker } from '../workers/worker';
import { listConnectable } from './accounts/store';
import { openAccount } from './open-account';
import type { CarrierServices } from './tools';

type Needs = CarrierServices & Pick<Services, 'connections' | 'thisProcess' | 'lifecycle'>;
type Connectable = Awaited<ReturnType<typeof listConnectable>>[number];

const roundMilliseconds = 2000;
/**
 * After the last renewal, another process may connect. A process without its database cannot know whether one did, and
 * could serve nobody who answers. So it closes its connection then, and the PBX hangs up on them at once.
 */
const leaseMilliseconds = 12_000;

const unconnected: ConnectionState = {
  fault: { reason: 'No server keeps its connection at the moment.', isTemporary: true },
  lostAt: null,
};

export class LeasedConnections implements ConnectionKeeper {
  /** By configuration: until when this process holds the lease, by the steady clock in milliseconds. */
  readonly #heldUntil = new Map<number, number>();
  /** By configuration: the sealed settings that its connection was opened with. */
  readonly #settings = new Map<number, string>();
  #working: Promise<void> = Promise.resolve();
  #forgetExpiry: () => void = () => undefined;

  constructor(private readonly services: Needs) {}

  keep(): Promise<void> {
    const round = this.#working.then(() => this.#round());
    this.#working = round.catch(() => undefined);
    return round;
  }

  async handOver(): Promise<void> {
    const { services } = this;
    await this.#working;
    const own = services.connections.own();
    for (const id of own) this.#heldUntil.set(id, Infinity);
    await services.storage.write(async (session) => {
      for (const id of own) await releaseLease(services, session, leaseName(id));
    });
  }

  async close(): Promise<void> {
    await this.#working;
    this.#forgetExpiry();
    this.services.connections.closeAll();
  }

  async #round(): Promise<void> {
    const { services } = this;
    if (services.lifecycle.draining) return;
    const { read } = services.storage;
    const [rows, leases] = await Promise.all([listConnectable(read), leasesOfOthers(services, read)]);
    const mayConnect = services.config.role !== 'api';
    const free = mayConnect ? rows.filter(({ id }) => !leases.has(leaseName(id))) : [];
    const held = await this.#take(free.map(({ id }) => id));
    for (const id of services.connections.own()) if (!held.has(id)) this.#drop(id);
    const others = rows.filter(({ id }) => !held.has(id));
    services.connections.noteOthers(
      new Map(others.map(({ id }) => [id, readState(leases.get(leaseName(id))?.note)])),
    );
    for (const row of free) if (held.has(row.id)) this.#connect(row);
  }

  /** Takes or renews the leases of these configurations. @returns those that this process holds. */
  async #take(ids: readonly number[]): Promise<ReadonlySet<number>> {
    const { services } = this;
    if (ids.length === 0) return new Set();
    const until = new Date(services.clock.steady().getTime() + leaseMilliseconds);
    const taken = await services.storage.write(async (session) => {
      const held: number[] = [];
      for (const id of ids) {
        const note = JSON.stringify(this.#stateOf(id));
        if (await takeLease(services, session, { name: leaseName(id), until, note })) held.push(id);
      }
      return held;
    });
    for (const id of taken) this.#heldUntil.set(id, until.getTime());
    if (!services.thisProcess.isAlone) this.#dropAt(until);
    return new Set(taken);
  }

  /** Closes the connections whose leases have ended by then. A round may wait for the database for longer. */
  #dropAt(until: Date): void {
    const { clock, connections } = this.services;
    this.#forgetExpiry();
    const wait = until.getTime() - clock.steady().getTime();
    if (wait > 0) {
      this.#forgetExpiry = clock.after(wait, () => {
        this.#dropAt(until);
      });
      return;
    }
    for (const id of connections.own()) if (!this.#holds(id)) this.#drop(id);
  }

  #stateOf(id: number): ConnectionState {
    const connection = this.services.connections.of(id);
    if (connection === undefined) return unconnected;
    return { fault: connection.fault(), lostAt: connection.lostAt?.()?.toISOString() ?? null };
  }

  /** A failure of one configuration does not affect the others. */
  #connect(row: Connectable): void {
    const { connections, log } = this.services;
    if (connections.of(row.id) !== undefined && this.#settings.get(row.id) === row.credentials) return;
    try {
      this.#open(row);
    } catch (error) {
      const fields = { configurationId: row.id, error: describeError(error) };
      log.error(fields, 'a telephony configuration could not be connected');
    }
  }

  #open(row: Connectable): void {
    const { services } = this;
    const account = openAccount(services, row);
    if (typeof account === 'string' || account.provider.connect === undefined) {
      services.log.error({ configurationId: row.id }, 'stored telephony settings do not fit their provider');
      return;
    }
    const connection = account.provider.connect(
      row.id,
      account.configuration,
      account.tools,
      services.callReports(row.provider),
      () => this.#holds(row.id),
    );
    services.connections.keep(row.id, connection);
    this.#settings.set(row.id, row.credentials);
  }

  #holds(id: number): boolean {
    const { clock, thisProcess } = this.services;
    return thisProcess.isAlone || clock.steady().getTime() < (this.#heldUntil.get(id) ?? 0);
  }

  #drop(id: number): void {
    this.services.connections.drop(id);
    this.#heldUntil.delete(id);
    this.#settings.delete(id);
  }
}

/**
 * Keeps the connections of this process, and reads the state of the others. The readiness of a configuration shows its
 * state in every process.
 */
export function carrierConnections(
  services: Pick<Services, 'clock' | 'log' | 'thisProcess' | 'connectionKeeper'>,
): Worker {
  const { connectionKeeper: keeper, thisProcess } = services;
  return {
    name: 'connections',
    role: 'any',
    async start() {
      await keeper.keep();
      const failure = 'the leases of connections could not be renewed; it is tried again';
      // A process that is alone connects at the start, and when settings are saved.
      const loop = thisProcess.isAlone
        ? null
        : every(services, roundMilliseconds, failure, () => keeper.keep());
      return {
        health: () => loop?.health() ?? null,
        async stop() {
          await loop?.stop();
          await keeper.close();
        },
      };
    },
  };
}

function leaseName(configurationId: number): string {
  return `connection:${String(configurationId)}`;
}

function readState(note: string | undefined): ConnectionState {
  return note === undefined ? unconnected : (JSON.parse(note) as ConnectionState);
}
