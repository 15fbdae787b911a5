/**
 * Follows calls that another server holds, and copies their results. One process of the database follows the calls of an
 * account, as long as it holds the lease. While no such call is open, the database is asked for one now and then; a dial
 * wakes the worker.
 */
import { describeError } from '../../describe-error';
import { every } from '../../every';
import { listFollowedRuns, type PlacedRun } from '../../runs/unfinished-runs';
import type { Services } from '../../services';
import { openAccountOfRun } from '../../telephony/open-account';
import type { CarrierServices } from '../../telephony/tools';
import { releaseLease, takeLease } from '../../workers/leases';
import type { Worker } from '../../workers/worker';
import { FollowedAccount, type Reader } from './account';

type Needs = CarrierServices & Pick<Services, 'thisProcess'>;

const roundMilliseconds = 500;
/** While no call is open. The signal of a dial may be lost. */
const idleMilliseconds = 5000;
/** After the last renewal, another process may follow the calls. */
const leaseMilliseconds = 10_000;
const renewalMilliseconds = 4000;
/** After a failure of ours, such as settings that cannot be decrypted. */
const failurePauseMilliseconds = 30_000;

const failure = 'open calls at other servers could not be listed; it is tried again';

export function following(services: Needs & Pick<Services, 'followingAlarm'>): Worker {
  return {
    name: 'following',
    role: 'worker',
    start() {
      const accounts = new Following(services);
      let idleUntil = 0;
      const stopListening = services.followingAlarm.onRing(() => {
        idleUntil = 0;
      });
      const loop = every(services, roundMilliseconds, failure, async () => {
        const now = services.clock.steady().getTime();
        if (now < idleUntil) return;
        // Before the question, so that a call is not missed that is placed meanwhile.
        idleUntil = now + idleMilliseconds;
        if (await accounts.begin()) idleUntil = 0;
      });
      return {
        health: () => loop.health(),
        async stop() {
          stopListening();
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

  /** Begins what is due at each account. @returns whether any call is open. */
  async begin(): Promise<boolean> {
    const now = this.services.clock.steady().getTime();
    const runs = await listFollowedRuns(this.services.storage.read);
    const accounts = byAccount(runs);
    await this.#forget(accounts);
    for (const [id, placed] of accounts) {
      if (this.#underWay.has(id) || now < (this.#pausedUntil.get(id) ?? 0)) continue;
      const visit = this.#visit(id, placed)
        .catch((error: unknown) => {
          this.#pause(id, { error: describeError(error) });
        })
        .finally(() => this.#underWay.delete(id));
      this.#underWay.set(id, visit);
    }
    return runs.length > 0;
  }

  /** Resolves when what has begun is done. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay.values());
  }

  async stop(): Promise<void> {
    await this.settled();
    for (const id of this.#heldUntil.keys()) await this.#release(id);
  }

  /** The accounts that have no open call any more. */
  async #forget(open: ReadonlyMap<number, unknown>): Promise<void> {
    for (const known of [this.#accounts, this.#pausedUntil]) {
      for (const id of known.keys()) if (!open.has(id)) known.delete(id);
    }
    for (const id of this.#heldUntil.keys()) {
      if (!open.has(id) && !this.#underWay.has(id)) await this.#release(id);
    }
  }

  async #visit(id: number, runs: readonly PlacedRun[]): Promise<void> {
    const [run] = runs;
    if (run === undefined || !(await this.#holds(id))) return;
    const account = this.#accounts.get(id) ?? new FollowedAccount(this.services);
    this.#accounts.set(id, account);
    if (!account.isFree()) return;
    const reader = await this.#open(run);
    if (reader === null) return;
    this.#pausedUntil.delete(id);
    await account.read(reader, runs);
  }

  async #open(run: PlacedRun): Promise<Reader | null> {
    const opened = await openAccountOfRun(this.services, run);
    const follow = opened?.provider.follow;
    if (opened !== null && follow !== undefined) return { ...opened, follow };
    const reason = 'its settings were deleted, or do not fit this version of the server';
    this.#pause(run.telephony_configuration_id, { reason });
    return null;
  }

  /** Logged once, until the account can be opened again. */
  #pause(id: number, why: { reason: string } | { error: ReturnType<typeof describeError> }): void {
    if (!this.#pausedUntil.has(id)) {
      const unfollowed = 'the calls of an account at another server cannot be followed; it is tried again';
      this.services.log.error({ configurationId: id, ...why }, unfollowed);
    }
    this.#pausedUntil.set(id, this.services.clock.steady().getTime() + failurePauseMilliseconds);
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

function byAccount(runs: readonly PlacedRun[]): Map<number, PlacedRun[]> {
  const accounts = new Map<number, PlacedRun[]>();
  for (const run of runs) {
    const known = accounts.get(run.telephony_configuration_id);
    if (known === undefined) accounts.set(run.telephony_configuration_id, [run]);
    else known.push(run);
  }
  return accounts;
}

function leaseName(configurationId: number): string {
  return `following:${String(configurationId)}`;
}
