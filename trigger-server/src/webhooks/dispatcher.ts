/**
 * Takes deliveries that are due and sends them, fairly: receivers take turns, and each has a few under way at most. So
 * one that is down, with ten thousand deliveries waiting for it, holds back nobody else's.
 */
import { describeError } from '../describe-error';
import type { Services } from '../services';
import { attemptDelivery } from './delivery';
import { claimDelivery, findDue, listDueReceivers, type DeliveryRow } from './delivery-store';
import { afterOrganizationOf, organizationOf } from './receiver';

const mostUnderWay = 64;
/** However many receivers a tenant names, there is room for the others'. */
const mostPerOrganization = 16;
const mostPerReceiver = 4;
/** Longer than an attempt takes: after a crash the delivery is due again. */
const leaseMilliseconds = 30_000;

const receiversAtATime = 32;

export class Dispatcher {
  private readonly underWay = new Map<number, { receiver: string; ended: Promise<void> }>();
  private lastReceiver = '';
  private filling: Promise<void> | null = null;
  private isAskedAgain = false;
  private isStopped = false;

  constructor(private readonly services: Services) {}

  /** Sends what is due, as far as there is room; what ends makes room for more. */
  dispatch(): void {
    if (this.isStopped) return;
    if (this.filling !== null) {
      this.isAskedAgain = true;
      return;
    }
    this.isAskedAgain = false;
    this.filling = this.fill()
      .catch((error: unknown) => {
        this.services.log.error({ error: describeError(error) }, 'due events could not be taken; it goes on');
      })
      .then(() => {
        this.filling = null;
        if (this.isAskedAgain) this.dispatch();
      });
  }

  /** Resolves once nothing is due and nothing is under way. */
  async idle(): Promise<void> {
    while (this.filling !== null || this.underWay.size > 0) {
      await Promise.all([this.filling, ...[...this.underWay.values()].map(({ ended }) => ended)]);
    }
  }

  /** Takes nothing more, and resolves once what is under way has ended. */
  stop(): Promise<void> {
    this.isStopped = true;
    return this.idle();
  }

  private async fill(): Promise<void> {
    for (;;) {
      const room = mostUnderWay - this.underWay.size;
      const ids = room > 0 && !this.isStopped ? await this.choose(room) : [];
      if (ids.length === 0) return;
      for (const delivery of await this.claim(ids)) this.start(delivery);
    }
  }

  private claim(ids: readonly number[]): Promise<DeliveryRow[]> {
    const now = this.services.clock.now();
    const leaseEnd = new Date(now.getTime() + leaseMilliseconds).toISOString();
    return this.services.storage.write(async (session) => {
      const claimed: DeliveryRow[] = [];
      for (const id of ids) {
        const delivery = await claimDelivery(session, { id, now: now.toISOString(), leaseEnd });
        if (delivery !== undefined) claimed.push(delivery);
      }
      return claimed;
    });
  }

  private start(delivery: DeliveryRow): void {
    const { id, uuid, receiver } = delivery;
    const ended = attemptDelivery(this.services, delivery)
      .catch((error: unknown) => {
        // It is due again when its lease ends.
        const facts = { delivery: uuid, error: describeError(error) };
        this.services.log.error(facts, 'an attempt could not be recorded');
      })
      .then(() => {
        this.underWay.delete(id);
        this.dispatch();
      });
    this.underWay.set(id, { receiver, ended });
  }

  /** One delivery of each receiver that is due and has room, beginning after the receiver that came last. */
  private async choose(room: number): Promise<number[]> {
    const perReceiver = new Map<string, number>();
    const perOrganization = new Map<number, number>();
    for (const { receiver } of this.underWay.values()) {
      count(perReceiver, receiver);
      count(perOrganization, organizationOf(receiver));
    }
    const isFull = (organizationId: number) =>
      (perOrganization.get(organizationId) ?? 0) >= mostPerOrganization;
    const now = this.services.clock.now().toISOString();
    const chosen: number[] = [];
    for await (const receiver of this.receiversInTurn(now, isFull)) {
      if ((perReceiver.get(receiver) ?? 0) >= mostPerReceiver) continue;
      const id = await findDue(this.services.storage.read, { receiver, now });
      if (id === undefined || this.underWay.has(id)) continue;
      chosen.push(id);
      count(perOrganization, organizationOf(receiver));
      this.lastReceiver = receiver;
      if (chosen.length === room) break;
    }
    return chosen;
  }

  /** Once around, without the rest of an organization that is full. */
  private async *receiversInTurn(
    now: string,
    isFull: (organizationId: number) => boolean,
  ): AsyncGenerator<string> {
    const start = this.lastReceiver;
    for (const [from, end] of [[start, null] as const, ['', start] as const]) {
      let after = from;
      for (let names = await this.dueAfter(after, now); names.length > 0;) {
        for (const name of names) {
          if (end !== null && name > end) return;
          after = isFull(organizationOf(name)) ? afterOrganizationOf(name) : name;
          if (after !== name) break;
          yield name;
        }
        names = await this.dueAfter(after, now);
      }
    }
  }

  private dueAfter(after: string, now: string): Promise<string[]> {
    return listDueReceivers(this.services.storage.read, { after, now, limit: receiversAtATime });
  }
}

function count<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
