/**
 * Takes deliveries that are due and sends them, fairly: receivers take turns, and each has only so many under way as it
 * answers well (`room.ts`). So one that is down, with ten thousand deliveries waiting for it, holds back nobody else's.
 *
 * It works in rounds of one write each, because a commit costs more than all else: a round records the attempts that have
 * ended, takes deliveries for what room there is, and notes what has become due.
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
import { hasBecomeDue, listDue, listDueFor, noteDue, type DueDelivery } from './due-store';
import { leaseEnd } from './retry-schedule';
import { Room } from './room';

/**
 * However much has become due at once, nothing else in the server waits long for one round: each of these writes a row
 * anew, and a row with its body may hold a megabyte. More are noted than taken, so that a receiver with little to do does
 * not wait until another's backlog is sent.
 */
const mostNotedAtATime = 50;
const mostTakenAtATime = 32;
const mostRecordedAtATime = 64;
const receiversAtATime = 32;

export class Dispatcher {
  /** By the delivery's id, until what came of it is recorded. */
  private readonly underWay = new Map<number, Promise<void>>();
  /** Not recorded yet. */
  private ended: EndedAttempt[] = [];
  private readonly room = new Room();
  private lastReceiver = '';
  private working: Promise<void> | null = null;
  private isAskedAgain = false;
  private isStopped = false;

  constructor(private readonly services: DeliveryServices) {}

  /** Sends what is due, as far as there is room; what ends makes room for more. */
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

  /** Resolves once nothing is due and nothing is under way. */
  async idle(): Promise<void> {
    while (this.working !== null || this.underWay.size > 0) {
      await Promise.all([this.working, ...this.underWay.values()]);
    }
  }

  /** Takes nothing more, and resolves once what is under way has ended. */
  stop(): Promise<void> {
    this.isStopped = true;
    return this.idle();
  }

  private async workOff(): Promise<void> {
    const { log } = this.services;
    try {
      while (await this.round());
    } catch (error) {
      log.error({ error: describeError(error) }, 'due events could not be taken; it goes on');
    }
  }

  /** Gives whether there was something to do. */
  private async round(): Promise<boolean> {
    const chosen: DueDelivery[] = [];
    const begun = new Set<number>();
    try {
      if (!this.isStopped) await this.choose(chosen);
      const rendered = await Promise.all(chosen.map(({ id }) => this.render(id)));
      const ended = this.ended.splice(0, mostRecordedAtATime);
      if (chosen.length === 0 && ended.length === 0) return !this.isStopped && (await this.noteAlone());
      for (const claimed of await this.write(ended, rendered)) {
        begun.add(claimed.delivery.id);
        this.start(claimed);
      }
      return true;
    } finally {
      for (const { id, receiver } of chosen) if (!begun.has(id)) this.room.leave(receiver);
    }
  }

  /** Gives whether anything has become due. */
  private async noteAlone(): Promise<boolean> {
    const { storage, clock } = this.services;
    if (!(await hasBecomeDue(storage.read, clock.now().toISOString()))) return false;
    await this.write([], []);
    return true;
  }

  /**
   * The one write of a round. Where it fails, attempts are recorded each alone: one that can never be recorded spoils
   * nobody else's.
   */
  private async write(
    ended: readonly EndedAttempt[],
    rendered: readonly RenderedDelivery[],
  ): Promise<ClaimedDelivery[]> {
    const now = this.services.clock.now();
    try {
      const claimed = await this.services.storage.write(async (session) => {
        for (const attempt of ended) await recordAttempt(session, attempt);
        const taken = await claim(session, rendered, now);
        await noteDue(session, { now: now.toISOString(), limit: mostNotedAtATime });
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
      await this.services.storage.write((session) => recordAttempt(session, ended));
      this.settle(ended);
    } catch (error) {
      // It is due again when its lease ends.
      this.underWay.delete(ended.delivery.id);
      const facts = { delivery: ended.delivery.uuid, error: describeError(error) };
      this.services.log.error(facts, 'an attempt could not be recorded');
    }
  }

  private settle(ended: EndedAttempt): void {
    this.underWay.delete(ended.delivery.id);
    logAttempt(this.services, ended);
  }

  /** Whoever answers makes room at once: what was answered is recorded in the write that takes the next ones. */
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
   * One delivery of each receiver that has room, beginning after the receiver that came last; then, in equal shares, more
   * of them. Each takes its room.
   */
  private async choose(chosen: DueDelivery[]): Promise<void> {
    const most = Math.min(this.room.left(), mostTakenAtATime);
    if (most <= 0) return;
    const take = (due: DueDelivery) => {
      // An attempt that outlives its lease is due again while it lasts.
      if (this.underWay.has(due.id) || this.room.leftFor(due.receiver) <= 0) return;
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

  /** Once around the receivers that something is due for, without those that have no room for another reason than their own. */
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

/** The attempt is written down in the transaction that takes the delivery: one that is cut off is seen, too. */
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
