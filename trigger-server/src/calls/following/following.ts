/**
 * Follows calls that another server holds, and copies their results. One process of the database follows the calls of an
 * account, as long as it holds the lease.
 */
import { describeError } from '../../describe-error';
import { every } from '../../every';
import { listUnfinishedOfAccount, type UnfinishedRun } from '../../runs/unfinished-runs';
import type { Services } from '../../services';
import {
  listFollowedAccounts,
  type FollowedAccount as Row,
} from '../../telephony/accounts/followed-accounts';
import { openAccount } from '../../telephony/open-account';
import type { CarrierServices } from '../../telephony/tools';
import { releaseLease, takeLease } from '../../workers/leases';
import type { Worker } from '../../workers/worker';
import { FollowedAccount, type PlacedRun } from './account';

type Needs = CarrierServices & Pick<Services, 'thisProcess'>;

const roundMilliseconds = 500;
/** After the last renewal, another process may follow the calls. */
const leaseMilliseconds = 10_000;
const renewalMilliseconds = 4000;
/** After a failure of ours, such as settings that cannot be decrypted. */
const failurePauseMilliseconds = 30_000;

const failure = 'calls at another server could not be followed; it is tried again';

export function following(services: Needs): Worker {
  return {
    name: 'following',
    role: 'worker',
    start() {
      const accounts = new Following(services);
      const loop = every(services, roundMilliseconds, failure, () => accounts.begin());
      return {
        health: () => loop.health(),
        async stop() {
          await loop.stop();
          await accounts.stop();
        },
      };
    },
  };
}

/** Its maps are by configuration. */
export class Following {
  readonly #accounts = new Map<number, FollowedAccount>();
  /** Until when this process holds the lease, by the steady clock in milliseconds. */
  readonly #heldUntil = new Map<number, number>();
  /** Until when an account is left alone, by the steady clock in milliseconds. */
  readonly #pausedUntil = new Map<number, number>();
  /** An account whose server hangs does not delay the others. */
  readonly #underWay = new Map<number, Promise<void>>();

  constructor(private readonly services: Needs) {}

  /** Begins what is due at each account. */
  async begin(): Promise<void> {
    const now = this.services.clock.steady().getTime();
    for (const row of await listFollowedAccounts(this.services.storage.read)) {
      if (this.#underWay.has(row.id) || now < (this.#pausedUntil.get(row.id) ?? 0)) continue;
      const visit = this.#visit(row)
        .catch((error: unknown) => {
          const fields = { configurationId: row.id, error: describeError(error) };
          this.services.log.error(fields, failure);
          this.#pausedUntil.set(row.id, now + failurePauseMilliseconds);
        })
        .finally(() => this.#underWay.delete(row.id));
      this.#underWay.set(row.id, visit);
    }
  }

  /** Resolves when what has begun is done. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay.values());
  }

  async stop(): Promise<void> {
    await this.settled();
    for (const id of this.#heldUntil.keys()) await this.#release(id);
  }

  async #visit(row: Row): Promise<void> {
    const { id, organization_id: organizationId } = row;
    const account = { organizationId, configurationId: id };
    const runs = await listUnfinishedOfAccount(this.services.storage.read, account);
    const placed = runs.filter(isPlaced);
    if (placed.length === 0) {
      this.#accounts.delete(id);
      if (this.#heldUntil.has(id)) await this.#release(id);
      return;
    }
    if (!(await this.#holds(id))) return;
    const opened = openAccount(this.services, row);
    if (typeof opened === 'string' || opened.provider.follow === undefined) return;
    const known = this.#accounts.get(id) ?? new FollowedAccount(this.services);
    this.#accounts.set(id, known);
    await known.read({ ...opened, follow: opened.provider.follow }, placed);
  }

  /** Takes or renews the lease. A process that has lost it knows the calls of the account no more. */
  async #holds(id: number): Promise<boolean> {
    const { services } = this;
    const now = services.clock.steady().getTime();
    const until = this.#heldUntil.get(id) ?? 0;
    if (services.thisProcess.isAlone || until - now > renewalMilliseconds) return true;
    const next = new Date(now + leaseMilliseconds);
    const isTaken = await services.storage.write((session) =>
      takeLease(services, session, { name: leaseName(id), until: next, note: '' }),
    );
    if (isTaken) this.#heldUntil.set(id, next.getTime());
    else {
      this.#heldUntil.delete(id);
      this.#accounts.delete(id);
    }
    return isTaken;
  }

  async #release(id: number): Promise<void> {
    this.#heldUntil.delete(id);
    await this.services.storage.write((session) => releaseLease(this.services, session, leaseName(id)));
  }
}

/** The call of a dial without a reply is looked for first: see `FollowUps`. */
function isPlaced(run: UnfinishedRun): run is PlacedRun {
  return run.provider_call_id !== null;
}

function leaseName(configurationId: number): string {
  return `following:${String(configurationId)}`;
}
