/**
 * Sends the deliveries that are due, fairly: receivers take turns, and a receiver that answers badly has few attempts
 * under way (`room.ts`). So a receiver that is down delays no other, even with ten thousand deliveries waiting for it.
 *
 * It works in rounds of one write each, because the commit is the most expensive step. A round records the attempts that
 * have ended, claims as many deliveries as there is room for, and marks further ones as due.
 */
import { describeError } from '../../describe-error';
import type { WriteSession } from '../../storage/port';
import { beginAttempt } from './attempt-store';
import {
  attemptDelivery,
  logAttempt,
  recordAttempt,
  renderDelivery,
  type ClaimedDelivery,
  type DeliveryServices,
  type EndedAttempt,
  type RenderedDelivery,
} from './delivery';
import { claimDelivery, findDeliveryById } from './delivery-store';
import { hasBecomeDue, listDue, listDueFor, markDue, type DueDelivery } from './due-store';
import { leaseEnd } from './retry-schedule';
import { Room } from './room';

/**
 * These limits keep a round short for the rest of the server, however much is due: each delivery rewrites a row, and a row
 * with its body may hold a megabyte. A round marks more deliveries than it claims, so that a receiver with few deliveries
 * does not wait behind another's backlog.
 */
const mostMarkedAtATime = 50;
const mostClaimedAtATime = 32;
const mostRecordedAtATime = 64;
const receiversAtATime = 32;

/** The first marks what has become due, the second claims it. */
const lastRounds = 2;

const failedRound = 'due events could not be claimed; the next round tries again';

export class Dispatcher {
  /** By the delivery's id, until the result is recorded. */
  private readonly underWay = new Map<number, Promise<void>>();
  /** Attempts whose results are not recorded yet. Empty whenever no round works. */
  private ended: EndedAttempt[] = [];
  private readonly room = new Room();
  private lastReceiver = '';
  private working: Promise<void> | null = null;
  private isAskedAgain = false;
  private isStopping = false;
  private isStopped = false;
  private hasFailed = false;

  constructor(private readonly services: DeliveryServices) {}

  /** Sends what is due, as far as there is room. Each attempt that ends makes room for another. */
  dispatch(): void {
    if (this.working !== null) {
      this.isAskedAgain = true;
      return;
    }
    this.isAskedAgain = false;
    this.working = this.workOff().then(() => {
      this.working = null;
      if (this.isAskedAgain) this.dispatch();
    });
  }

  /** Why due events are not sent: the last round failed. Null if all is well. The log has the error. */
  health(): string | null {
    return this.hasFailed ? failedRound : null;
  }

  /** Resolves once nothing is due and nothing is under way. */
  async idle(): Promise<void> {
    while (this.working !== null || this.underWay.size > 0) {
      await Promise.all([this.working, ...this.underWay.values()]);
    }
  }

  /** Begins to send what the last requests of the process have made due, as far as there is room. Then comes `stop`. */
  async dispatchLast(): Promise<void> {
    this.isStopping = true;
    await this.working;
    for (let round = 0; round < lastRounds; round += 1) {
      this.dispatch();
      await this.working;
    }
  }

  /** Claims nothing more. Resolves once the attempts under way have ended. */
  stop(): Promise<void> {
    this.isStopped = true;
    return this.idle();
  }

  private async workOff(): Promise<void> {
    try {
      let isMore: boolean;
      do {
        isMore = await this.round();
        this.hasFailed = false;
      } while (isMore && !this.isStopping);
    } catch (error) {
      this.hasFailed = true;
      this.services.log.error({ error: describeError(error) }, failedRound);
      // If the process ended before a round succeeds, results not recorded by then would be lost, and their events sent
      // again. These writes arrive together, so they may share a commit.
      await Promise.all(this.ended.splice(0).map((attempt) => this.recordAlone(attempt)));
    }
  }

  /**
   * A delivery that cannot be read does not affect the others: the round fails after they have been claimed.
   * @returns whether there was something to do.
   */
  private async round(): Promise<boolean> {
    const chosen: DueDelivery[] = [];
    const begun = new Set<number>();
    try {
      if (!this.isStopped) await this.choose(chosen);
      const renderings = await Promise.allSettled(chosen.map(({ id }) => this.render(id)));
      const rendered = this.isStopped
        ? []
        : renderings.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      const ended = this.ended.splice(0, mostRecordedAtATime);
      if (chosen.length === 0 && ended.length === 0) return !this.isStopped && (await this.markDueAlone());
      for (const claimed of await this.write(ended, rendered)) {
        begun.add(claimed.delivery.id);
        this.start(claimed);
      }
      const failed = renderings.find((one) => one.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
      return true;
    } finally {
      for (const { id, receiver } of chosen) if (!begun.has(id)) this.room.leave(receiver);
    }
  }

  /** @returns whether anything has become due. */
  private async markDueAlone(): Promise<boolean> {
    const { storage, clock } = this.services;
    if (!(await hasBecomeDue(storage.read, clock.now().toISOString()))) return false;
    await this.write([], []);
    return true;
  }

  /**
   * The one write of a round. If it fails, each attempt is recorded in a write of its own, so that one that cannot be
   * recorded does not affect the others.
   */
  private async write(
    ended: readonly EndedAttempt[],
    rendered: readonly RenderedDelivery[],
  ): Promise<ClaimedDelivery[]> {
    const now = this.services.clock.now();
    try {
      const claimed = await this.services.storage.write(async (session) => {
        for (const attempt of ended) await recordAttempt(this.services, session, attempt);
        const taken = await claim(session, rendered, now);
        await markDue(session, { now: now.toISOString(), limit: mostMarkedAtATime });
        return taken;
      });
      for (const attempt of ended) this.settle(attempt);
      return claimed;
    } catch (error) {
      for (const attempt of ended) await this.recordAlone(attempt);
      throw error;
    }
  }

  private async recordAlone(ended: EndedAttempt): Promise<void> {
    try {
      await this.services.storage.write((session) => recordAttempt(this.services, session, ended));
      this.settle(ended);
    } catch (error) {
      // Not tried again: the delivery is due again when its lease ends.
      this.underWay.delete(ended.delivery.id);
      this.services.log.error(
        { delivery: ended.delivery.uuid, error: describeError(error) },
        'an attempt could not be recorded',
      );
    }
  }

  private settle(ended: EndedAttempt): void {
    this.underWay.delete(ended.delivery.id);
    logAttempt(this.services, ended);
  }

  /** An answer frees its room at once. The result is recorded by the write that claims the next deliveries. */
  private start(claimed: ClaimedDelivery): void {
    const { id, receiver } = claimed.delivery;
    const answered = attemptDelivery(this.services, claimed).then((ended) => {
      this.room.learn(receiver, ended);
      this.room.leave(receiver);
      this.ended.push(ended);
      this.dispatch();
    });
    this.underWay.set(id, answered);
  }

  private async render(id: number): Promise<RenderedDelivery> {
    const delivery = await findDeliveryById(this.services.storage.read, id);
    if (delivery === undefined) throw new Error('A delivery that is due has vanished');
    return renderDelivery(this.services, delivery);
  }

  /**
   * Chooses one delivery for each receiver that has room, beginning after the last receiver of the previous round. Then
   * shares what room is left equally among them. Each chosen delivery takes its room.
   */
  private async choose(chosen: DueDelivery[]): Promise<void> {
    const most = Math.min(this.room.left(), mostClaimedAtATime);
    if (most <= 0) return;
    const take = (due: DueDelivery) => {
      // A delivery whose attempt outlives its lease is due again during the attempt.
      if (this.isStopped || this.underWay.has(due.id) || this.room.leftFor(due.receiver) <= 0) return;
      this.room.take(due.receiver);
      chosen.push(due);
    };
    for await (const due of this.dueInTurn()) {
      take(due);
      this.lastReceiver = due.receiver;
      if (chosen.length === most) return;
    }
    const inTurn = [...chosen];
    for (const [index, { receiver, id }] of inTurn.entries()) {
      const share = Math.ceil((most - chosen.length) / (inTurn.length - index));
      const more = Math.min(share, this.room.leftFor(receiver));
      if (more <= 0) continue;
      const due = await listDueFor(this.services.storage.read, { receiver, limit: more + 1 });
      for (const next of due.filter((other) => other !== id).slice(0, more)) take({ receiver, id: next });
    }
  }

  /** Passes once through the receivers with due deliveries. Skips those whose organization or host has no room. */
  private async *dueInTurn(): AsyncGenerator<DueDelivery> {
    const start = this.lastReceiver;
    for (const [from, end] of [[start, null] as const, ['', start] as const]) {
      for (let after: string | null = from; after !== null;) {
        const page = await listDue(this.services.storage.read, { after, limit: receiversAtATime });
        after = page.length < receiversAtATime ? null : (page.at(-1)?.receiver ?? null);
        for (const due of page) {
          if (end !== null && due.receiver > end) return;
          const goOn = this.room.passFull(due.receiver);
          if (goOn !== null) {
            after = goOn;
            break;
          }
          yield due;
        }
      }
    }
  }
}

/** Records the attempt in the transaction that claims the delivery, so that a crash during it leaves a trace. */
async function claim(
  session: WriteSession,
  rendered: readonly RenderedDelivery[],
  now: Date,
): Promise<ClaimedDelivery[]> {
  const claimed: ClaimedDelivery[] = [];
  for (const { id, body, failure } of rendered) {
    const delivery = await claimDelivery(session, { id, body, leaseEnd: leaseEnd(now).toISOString() });
    if (delivery === undefined) continue;
    const number = delivery.attempt_count;
    await beginAttempt(session, { deliveryId: id, number, startedAt: now.toISOString() });
    claimed.push({ delivery, failure });
  }
  return claimed;
}
